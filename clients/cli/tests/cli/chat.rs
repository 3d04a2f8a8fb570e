//! `copilot chat`, fed from a pipe.

use crate::{
    answers::{self, SESSION, TEXT},
    run::Home,
    server::{End, Reply, Server},
};

#[tokio::test]
async fn the_session_is_kept_until_a_new_one_begins() {
    let server = Server::start(|_, _| Reply::Events(answers::frames(), End::Close)).await;
    let lines = "first\n\nsecond\n/model none\n/nonsense\n/new\nthird\n/session ses_x\nfourth\n";
    let ran = Home::new().run(Some(&server.url), &["chat"], lines).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| {
            let text = |field: &str| seen.body[field].as_str().map(str::to_owned);
            (text("content").unwrap(), text("session_id"), text("model"))
        })
        .collect();
    let line = |content: &str, session: Option<&str>, model: Option<&str>| {
        (content.to_owned(), session.map(str::to_owned), model.map(str::to_owned))
    };
    assert_eq!(
        said,
        [
            line("first", None, None),
            line("second", Some(SESSION), None),
            line("third", None, Some("none")),
            line("fourth", Some("ses_x"), Some("none")),
        ]
    );
    assert_eq!(ran.stdout, TEXT.repeat(4), "no prompt in a pipe");
    assert!(ran.stderr.contains("there is no /nonsense"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_script_stops_at_the_first_failure() {
    let server = Server::start(|_, before| match before {
        0 => Reply::Events(answers::frames(), End::Close),
        _ => Reply::Json(401, answers::error("TOKEN_EXPIRED", "the key has expired")),
    })
    .await;
    let ran = Home::new().run(Some(&server.url), &["chat"], "one\ntwo\nthree\n").await;
    assert_eq!(ran.code, 4);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn quitting_ends_it() {
    let server = Server::start(|_, _| Reply::Events(answers::frames(), End::Close)).await;
    let ran = Home::new().run(Some(&server.url), &["chat"], "/quit\nnever\n").await;
    assert_eq!((ran.code, server.seen().len()), (0, 0));
}
