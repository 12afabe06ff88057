//! Starts and stops the server.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as ActixApp, HttpServer, web};
use tracing_actix_web::TracingLogger;

use crate::app::App;

use super::limits::{Limits, Quotas};
use super::request_log::RequestLog;
use super::{gate, headers, problem, routes, validators};

/// A started server ends at the latest after this long, whatever is still being answered.
const SHUTDOWN_SECONDS: u64 = 3;

/// A server that holds its address, and serves when it is [run](Bound::run).
pub struct Bound {
    server: Server,
    address: SocketAddr,
}

/// Takes the address of the settings.
///
/// # Errors
/// When somebody else has it, or it is none of this machine's.
pub fn bind(app: App) -> io::Result<Bound> {
    let listener = TcpListener::bind(app.settings.listen)?;
    listen(app, listener, Quotas::default())
}

/// Serves on a listener that is open already, with these limits: for tests, which take any free port.
///
/// # Errors
/// When the listener cannot be used.
pub fn listen(app: App, listener: TcpListener, quotas: Quotas) -> io::Result<Bound> {
    let address = listener.local_addr()?;
    let limits = web::Data::new(Limits::new(quotas));
    let app = web::Data::new(app);
    let server = HttpServer::new(move || {
        // The last one wrapped is the outermost.
        ActixApp::new()
            .app_data(app.clone())
            .app_data(limits.clone())
            .app_data(problem::path_config())
            .wrap(from_fn(gate::check))
            .wrap(from_fn(problem::into_pages))
            .wrap(from_fn(validators::add))
            .wrap(Compress::default())
            .wrap(from_fn(headers::add))
            .wrap(TracingLogger::<RequestLog>::new())
            .configure(routes::register)
            .default_service(web::route().to(problem::unknown_path))
    })
    .disable_signals()
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .client_request_timeout(Duration::from_secs(10))
    .client_disconnect_timeout(Duration::from_secs(2))
    .listen(listener)?
    .run();
    Ok(Bound { server, address })
}

impl Bound {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// With this it is stopped: `handle.stop(true)` answers first what has been asked.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is stopped.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}
