//! Configuration, completions, help.

use std::fs;

use crate::{
    answers,
    run::{Home, finish},
    server::{End, Reply, Server},
};

const CONFIG: &str = ".config/copilot/config.toml";

#[tokio::test]
async fn what_is_set_is_used_and_private() {
    let server = Server::start(|_, _| Reply::Events(answers::frames(), End::Close)).await;
    let home = Home::new();
    assert_eq!(home.run(None, &["config", "set", "url", &server.url], "").await.code, 0);
    let ran = home.run(None, &["config", "set", "api_key"], "cpk_1_secret\n").await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);

    let ran = home.run(None, &["ask", "x"], "").await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(server.seen()[0].headers["authorization"], "Bearer cpk_1_secret");

    let shown = home.run(None, &["config"], "").await.stdout;
    assert!(shown.contains("cpk_1_…") && !shown.contains("secret"), "{shown}");
    assert!(shown.contains(&server.url) && shown.contains("(file)"), "{shown}");

    assert_eq!(home.run(None, &["config", "unset", "api_key"], "").await.code, 0);
    assert!(!fs::read_to_string(home.0.path().join(CONFIG)).unwrap().contains("cpk_"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new();
    home.run(None, &["config", "set", "api_key", "cpk_1_secret"], "").await;
    let path = home.0.path().join(CONFIG);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let ran = home.run(None, &["config"], "").await;
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("chmod 600"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_key_of_the_file_is_not_sent_elsewhere() {
    let server =
        Server::start(|_, _| Reply::Json(401, answers::error("UNAUTHENTICATED", "no key"))).await;
    let home = Home::new();
    home.run(None, &["config", "set", "url", "https://copilot.example"], "").await;
    home.run(None, &["config", "set", "api_key", "cpk_1_secret"], "").await;
    let ran = home.run(Some(&server.url), &["ask", "x"], "").await;
    assert_eq!(ran.code, 4);
    assert!(!server.seen()[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_wrong_file_is_named() {
    let home = Home::new();
    let path = home.0.path().join("wrong.toml");
    fs::write(&path, "key = 1").unwrap();
    let environment = [("COPILOT_CONFIG", path.to_str().unwrap())];
    let ran = finish(home.spawn_with(None, &environment, &["ask", "x"]), "").await;
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("wrong.toml") && ran.stderr.contains("key"), "{}", ran.stderr);
}

#[tokio::test]
async fn help_and_completions() {
    let home = Home::new();
    let help = home.run(None, &["--help"], "").await;
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("Exit codes:"), "{}", help.stdout);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = home.run(None, &["completions", shell], "").await;
        assert_eq!(ran.code, 0);
        assert!(ran.stdout.contains("sessions"), "{shell}");
    }
    let environment = [("COPILOT_API_KEY", "cpk_1_secret")];
    let help = finish(home.spawn_with(None, &environment, &["ask", "--help"]), "").await;
    assert!(!help.stdout.contains("secret"), "{}", help.stdout);
}
