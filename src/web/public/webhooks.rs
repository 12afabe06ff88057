//! What mail providers tell: no page, and nothing for people.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::app::take_in::{self, Arrival, Notification};
use crate::domain::inbound::Way;
use crate::mail::inbound::provider::{Proofs, ProviderError, Request};
use crate::web::forms::read_body;
use crate::web::page::Answer;
use crate::web::problem::Problem;

/// The largest body: SendGrid gathers events until they make about three quarters of a megabyte.
const LONGEST: usize = 1 << 20;

/// `POST /webhooks/{provider}`: 200 when all of it is in the database, 403 when it is not the provider's, 404 where the
/// provider is not set, and 503 when the database is away, so that the provider tells it again.
pub(in crate::web) async fn take(
    app: Data<App>,
    request: HttpRequest,
    provider: Path<String>,
    payload: Payload,
) -> Answer {
    let providers = &app.settings.inbound.providers;
    let Some(provider) = providers.iter().find(|known| known.name() == *provider) else {
        return Err(Problem::not_found());
    };
    let body = read_body(payload.into_inner(), LONGEST).await?;
    let header = |name: &str| {
        let value = request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let proofs = Proofs {
        authorization: header("Authorization"),
        twilio_signature: header("X-Twilio-Email-Event-Webhook-Signature"),
        twilio_timestamp: header("X-Twilio-Email-Event-Webhook-Timestamp"),
    };
    match provider.read(&proofs, &body, app.now()) {
        Ok(Request::Events(events)) => {
            for told in events {
                let notification = Notification {
                    notice: told.notice,
                    marks: told.marks,
                };
                take_in::take_in_notification(&app, notification).await?;
            }
            Ok(HttpResponse::new(StatusCode::OK))
        }
        Ok(Request::Confirm(address)) => {
            // Whoever has set the topic up opens it; this program calls nobody.
            let text = format!(
                "Subject: {} asks to confirm its notifications\r\n\r\nOpen this address to confirm them:\r\n\r\n{address}\r\n",
                provider.name()
            );
            let arrival = Arrival {
                way: Way::Webhook,
                envelope_to: None,
                byte_count: text.len() as u64,
                content: text.into_bytes(),
            };
            take_in::take_in(&app, arrival).await?;
            Ok(HttpResponse::new(StatusCode::OK))
        }
        Err(error) => {
            tracing::warn!(provider = provider.name(), %error, "a notification was not taken in");
            Ok(HttpResponse::new(match error {
                ProviderError::NotTheirs | ProviderError::Stale => StatusCode::FORBIDDEN,
                ProviderError::Unreadable => StatusCode::BAD_REQUEST,
            }))
        }
    }
}
