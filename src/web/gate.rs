//! The gate before every handler: what is not in the table of routes does not exist, and what needs
//! a sign-in is not reached without one.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use crate::app::{Actor, App, sign_in};
use crate::domain::staff_member::StaffRole;

use super::access::{Access, Route, Verb};
use super::problem::Problem;
use super::session::{self, see_other};
use super::{routes, same_origin};

/// The pattern of the route that a request's path matches, as the router will see it.
pub(super) fn pattern(request: &ServiceRequest) -> Option<String> {
    request
        .resource_map()
        .match_pattern(request.match_info().as_str())
}

/// Lets a request through, or answers it.
///
/// # Errors
/// Those of the handlers; its own refusals are answers.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let route = match find(&request) {
        Ok(route) => route,
        Err(problem) => return Ok(request.error_response(problem)),
    };
    request.extensions_mut().insert(route);
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Ok(request.error_response(Problem::missing_state()));
    };
    let token = session::token(request.request(), &app);
    let safe = matches!(route.method, Verb::Get);
    let from_here = safe
        || matches!(route.access, Access::Token)
        || same_origin::is_allowed(
            request.headers(),
            &app.settings.base_url.origin(),
            token.is_some(),
        );
    if !from_here {
        return Ok(request.error_response(Problem::from_elsewhere()));
    }
    let actor = match (route.access, token) {
        (Access::Token, _) | (_, None) => None,
        (Access::Staff(_) | Access::Recent(_), Some(token)) => {
            match sign_in::who_is(&app, &token).await {
                Ok(actor) => actor,
                Err(error) => return Ok(request.error_response(Problem::from(error))),
            }
        }
        // A page for everybody does without knowing who it is when the database is away.
        (_, Some(token)) => sign_in::who_is(&app, &token).await.unwrap_or_default(),
    };
    if let Some(needed) = route.access.role() {
        match &actor {
            Some(actor) if actor.role.includes(needed) => {
                match first_something_else(&request, route, actor) {
                    None => {}
                    Some(Ok(page)) => return Ok(request.into_response(see_other(&page))),
                    Some(Err(problem)) => return Ok(request.error_response(problem)),
                }
            }
            Some(actor) => return Ok(request.error_response(not_enough(actor, needed))),
            None if safe => {
                let to = with_way_back("/staff/sign-in", &request);
                return Ok(request.into_response(see_other(&to)));
            }
            None => return Ok(request.error_response(Problem::signed_out())),
        }
    }
    if let Some(actor) = actor {
        request.extensions_mut().insert::<Actor>(actor);
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// What has to be done before this: a second factor to be set up, or the password to be given again. The page for it, or,
/// of a form, why it is not taken.
fn first_something_else(
    request: &ServiceRequest,
    route: &Route,
    actor: &Actor,
) -> Option<Result<String, Problem>> {
    let is_read = matches!(route.method, Verb::Get);
    let is_about_it = route.pattern.starts_with(SECOND_FACTOR)
        || matches!(route.pattern, CONFIRM | "/staff/sign-out");
    if actor.must_set_up && !is_about_it {
        return Some(if is_read {
            Ok(SECOND_FACTOR.to_owned())
        } else {
            Err(Problem::second_factor_missing())
        });
    }
    if matches!(route.access, Access::Recent(_)) && !actor.is_recent {
        return Some(if is_read {
            Ok(with_way_back(CONFIRM, request))
        } else {
            Err(Problem::not_confirmed())
        });
    }
    None
}

const SECOND_FACTOR: &str = "/staff/account/second-factor";
const CONFIRM: &str = "/staff/account/confirm";

fn find(request: &ServiceRequest) -> Result<&'static Route, Problem> {
    // PostgreSQL's texts hold no NUL, and no address of ours has one.
    if request.uri().path().contains("%00") {
        return Err(Problem::not_found());
    }
    if request.query_string().contains("%00") {
        return Err(Problem::malformed());
    }
    let pattern = pattern(request).ok_or_else(Problem::not_found)?;
    let method = match *request.method() {
        Method::GET | Method::HEAD => Some(Verb::Get),
        Method::POST => Some(Verb::Post),
        _ => None,
    };
    let of_path = || {
        routes::TABLE
            .iter()
            .filter(|route| route.pattern == pattern)
    };
    of_path()
        .find(|route| Some(route.method) == method)
        .ok_or_else(|| {
            let allowed: Vec<&str> = of_path().map(|route| route.method.allow()).collect();
            Problem::wrong_method(allowed.join(", "))
        })
}

fn not_enough(actor: &Actor, needed: StaffRole) -> Problem {
    Problem::forbidden(format!(
        "This needs the role “{}”; you are signed in as “{}”.",
        needed.label(),
        actor.role.label()
    ))
}

/// A page that asks for something first, with the way back. Only the path and query of our own address go into it.
fn with_way_back(page: &str, request: &ServiceRequest) -> String {
    let next = request
        .uri()
        .path_and_query()
        .map_or("/staff", |path| path.as_str());
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", next);
    format!("{page}?{}", query.finish())
}
