//! One line in the log for each request: the method, the pattern of the route, the status, the time.
//!
//! Never the path itself, which may hold a token, and never the query or a header: what people type
//! does not go into logs.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage};
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use super::gate;

/// Opens the span of a request and closes it with the line.
pub struct RequestLog;

#[derive(Clone, Copy)]
struct Started(Instant);

impl RootSpanBuilder for RequestLog {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request.extensions_mut().insert(Started(Instant::now()));
        let id = request
            .extensions()
            .get::<RequestId>()
            .map(ToString::to_string);
        let route = gate::pattern(request).unwrap_or_else(|| "(unknown)".to_owned());
        tracing::info_span!(
            "request",
            method = %request.method(),
            route,
            id = id.unwrap_or_default(),
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _in_span = span.enter();
        let (status, started) = match outcome {
            Ok(response) => {
                let started = response.request().extensions().get::<Started>().copied();
                (response.status().as_u16(), started)
            }
            Err(error) => (error.as_response_error().status_code().as_u16(), None),
        };
        let millis = started.map_or(0, |Started(at)| at.elapsed().as_millis());
        tracing::info!(status, millis, "answered");
    }
}
