//! Against servers on this machine, which a test lets the prober reach; and without that, not.

#![allow(clippy::unwrap_used)]

use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

fn prober(may_connect: fn(IpAddr) -> bool) -> Prober {
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Prober {
        tls: TlsConnector::from(Arc::new(config)),
        who: "test".to_owned(),
        may_connect,
    }
}

/// A server that gives each question the answer that this makes of its first line. Returns its address, and what it was
/// asked.
async fn server(
    answer: impl Fn(&str) -> String + Send + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let line = String::from_utf8(request).unwrap();
            let line = line.lines().next().unwrap().to_owned();
            let answer = answer(&line);
            seen.lock().unwrap().push(line);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, asked)
}

fn answer(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
}

#[tokio::test]
async fn a_page_that_is_there_answers_and_one_that_is_not_does_not() {
    let (here, asked) = server(|line| match line {
        line if line.contains("/there?") => answer("200 OK"),
        "HEAD /no-head HTTP/1.1" => answer("405 Method Not Allowed"),
        line if line.contains("/no-head") => answer("200 OK"),
        line if line.contains("/closed") => answer("403 Forbidden"),
        line if line.contains("/ill") => answer("500 Internal Server Error"),
        line if line.contains("/strange") => "SSH-2.0-OpenSSH\r\n".to_owned(),
        _ => answer("404 Not Found"),
    })
    .await;
    let prober = prober(|_| true);
    for (path, outcome) in [
        ("/there?a=b#part", LinkOutcome::Answers),
        ("/no-head", LinkOutcome::Answers),
        ("/gone", LinkOutcome::Broken),
        ("/closed", LinkOutcome::Unclear),
        ("/ill", LinkOutcome::Broken),
        ("/strange", LinkOutcome::Broken),
    ] {
        let found = prober.look(&format!("{here}{path}")).await;
        assert_eq!(found.outcome, outcome, "{path}: {found:?}");
    }
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0], "HEAD /there?a=b HTTP/1.1");
    assert!(asked.contains(&"GET /no-head HTTP/1.1".to_owned()));
    assert!(asked.contains(&"GET /gone HTTP/1.1".to_owned()));
}

#[tokio::test]
async fn redirects_are_followed_a_few_steps() {
    let (here, _) = server(|line| match line {
        line if line.contains("/one") => redirect("/two"),
        line if line.contains("/round") => redirect("/round"),
        line if line.contains("/file") => redirect("file:///etc/passwd"),
        _ => answer("200 OK"),
    })
    .await;
    let prober = prober(|_| true);
    let found = prober.look(&format!("{here}/one")).await;
    assert_eq!(found.outcome, LinkOutcome::Answers);
    let round = prober.look(&format!("{here}/round")).await;
    assert_eq!(round, Found::broken("it leads on and on, to no page"));
    let file = prober.look(&format!("{here}/file")).await;
    assert_eq!(
        file,
        Found::broken("it leads to something that is no web page")
    );
}

#[tokio::test]
async fn nothing_inner_is_ever_connected_to() {
    let (here, asked) = server(|_| answer("200 OK")).await;
    let port = Url::parse(&here).unwrap().port().unwrap();
    let prober = prober(is_public);
    for address in [
        here,
        format!("http://localhost:{port}/"),
        format!("http://127.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/".to_owned(),
    ] {
        let found = prober.look(&address).await;
        assert!(
            found.detail.contains("private network"),
            "{address}: {found:?}"
        );
        assert_eq!(found.outcome, LinkOutcome::Broken);
    }
    assert!(asked.lock().unwrap().is_empty(), "nothing was asked");
}

#[tokio::test]
async fn a_redirect_into_the_inner_network_is_not_followed() {
    // Another loopback address stands for the inner network here.
    let inner = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let to = format!("http://{}/", inner.local_addr().unwrap());
    let (here, _) = server(move |_| redirect(&to)).await;
    let prober = prober(|address| address == IpAddr::from([127, 0, 0, 1]));
    let found = prober.look(&here).await;
    assert!(found.detail.contains("private network"), "{found:?}");
    let knocked = timeout(Duration::from_millis(50), inner.accept()).await;
    assert!(knocked.is_err(), "somebody was there");
}
