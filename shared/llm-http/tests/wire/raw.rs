//! A server that writes bytes by hand, to break off, hang and dawdle where it likes.

use std::time::Duration;

use futures::StreamExt;
use llm::{ChatModel, ModelEvent, StopReason};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::{ask, model, request};

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const TEXT: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Größe\"}}]}\n\n";
const FINISH: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";
const END: &str = "0\r\n\r\n";

/// One piece of a chunked body.
fn chunk(data: impl AsRef<[u8]>) -> Vec<u8> {
    let data = data.as_ref();
    let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
    chunk.extend_from_slice(data);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    (listener, base)
}

/// Reads one request to its end.
async fn read_request(socket: &mut TcpStream) {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).and_then(|t| t.lines().next());
            if body.len() >= length.unwrap().parse().unwrap() {
                return;
            }
        }
        let count = socket.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "the request is cut");
        read.extend_from_slice(&buffer[..count]);
    }
}

/// Answers one request with these pieces, each in a write of its own, and closes.
async fn serve(pieces: Vec<Vec<u8>>) -> String {
    let (listener, base) = listen().await;
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        read_request(&mut socket).await;
        for piece in pieces {
            socket.write_all(&piece).await.unwrap();
            socket.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    base
}

/// What was said, and how it ended.
async fn outcome(pieces: Vec<Vec<u8>>) -> (String, Result<StopReason, &'static str>) {
    let events = match ask(&model(&serve(pieces).await)).await {
        Ok(events) => events,
        Err(error) => return (String::new(), Err(error.name())),
    };
    let mut said = String::new();
    for event in events {
        match event {
            Ok(ModelEvent::Text(text)) => said.push_str(&text),
            Ok(ModelEvent::Stop(reason)) => return (said, Ok(reason)),
            Ok(_) => {}
            Err(error) => return (said, Err(error.name())),
        }
    }
    panic!("the stream ended without a stop or an error")
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_told_from_one_that_ends() {
    let head = || HEAD.as_bytes().to_vec();
    let end = || END.as_bytes().to_vec();
    let stop = Ok(StopReason::EndTurn);
    let said = "Größe";
    for (name, pieces, expected) in [
        ("whole", vec![head(), chunk(TEXT), chunk(FINISH), chunk(DONE), end()], (said, stop)),
        ("one write", vec![[head(), chunk([TEXT, FINISH, DONE].concat()), end()].concat()], {
            (said, stop)
        }),
        (
            "byte by byte",
            {
                let mut pieces = vec![head()];
                pieces.extend([TEXT, FINISH, DONE].concat().bytes().map(|byte| chunk([byte])));
                pieces.push(end());
                pieces
            },
            (said, stop),
        ),
        ("no [DONE]", vec![head(), chunk(TEXT), chunk(FINISH), end()], (said, stop)),
        ("reset after the end", vec![head(), chunk(TEXT), chunk(FINISH)], (said, stop)),
        ("ends without a reason", vec![head(), chunk(TEXT), end()], (said, Err("cut"))),
        ("reset in the middle", vec![head(), chunk(TEXT)], (said, Err("unavailable"))),
        (
            "reset inside a character",
            vec![head(), chunk(TEXT), chunk(&TEXT.as_bytes()[..38])],
            (said, Err("unavailable")),
        ),
        ("reset before the body", vec![head()], ("", Err("unavailable"))),
        ("reset before the head", vec![], ("", Err("unavailable"))),
        ("not HTTP", vec![b"SSH-2.0-OpenSSH\r\n".to_vec()], ("", Err("unavailable"))),
        (
            "malformed chunk",
            vec![head(), chunk(TEXT), chunk("data: {\"choi\n\n"), chunk(FINISH), end()],
            (said, Err("malformed")),
        ),
        (
            "not UTF-8",
            vec![head(), chunk(TEXT), chunk(b"data: \xff\xfe\n\n"), end()],
            (said, Err("malformed")),
        ),
        (
            "an error in the stream",
            vec![head(), chunk(TEXT), chunk("data: {\"error\":{\"type\":\"server_error\"}}\n\n")],
            (said, Err("unavailable")),
        ),
    ] {
        let (said, result) = outcome(pieces).await;
        assert_eq!((said.as_str(), result), expected, "{name}");
    }
}

#[tokio::test]
async fn a_chunk_is_told_before_the_next_one_is_sent() {
    let (listener, base) = listen().await;
    let (go_on, may_go_on) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        read_request(&mut socket).await;
        socket.write_all(&[HEAD.as_bytes().to_vec(), chunk(TEXT)].concat()).await.unwrap();
        may_go_on.await.unwrap();
        socket.write_all(&[chunk(FINISH), END.as_bytes().to_vec()].concat()).await.unwrap();
    });
    let mut stream = model(&base).stream(&request()).await.unwrap();
    let first = tokio::time::timeout(Duration::from_secs(10), stream.next()).await.unwrap();
    assert_eq!(first.unwrap().unwrap(), ModelEvent::Text("Größe".to_owned()));
    go_on.send(()).unwrap();
    let rest: Vec<_> = stream.map(Result::unwrap).collect().await;
    assert_eq!(rest.last(), Some(&ModelEvent::Stop(StopReason::EndTurn)));
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let (listener, base) = listen().await;
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        read_request(&mut socket).await;
        socket.write_all(&[HEAD.as_bytes().to_vec(), chunk(TEXT)].concat()).await.unwrap();
        socket.read(&mut [0; 1]).await
    });
    let mut stream = model(&base).stream(&request()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    let read = tokio::time::timeout(Duration::from_secs(10), server).await.unwrap().unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
}

#[tokio::test]
async fn a_connection_is_used_again_after_a_whole_answer() {
    let (listener, base) = listen().await;
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        drop(listener);
        for _ in 0..3 {
            read_request(&mut socket).await;
            let body = chunk([TEXT, FINISH, DONE].concat());
            socket.write_all(&[HEAD.as_bytes(), &body, END.as_bytes()].concat()).await.unwrap();
        }
    });
    let model = model(&base);
    for _ in 0..3 {
        let events = ask(&model).await.unwrap();
        assert!(matches!(events.last(), Some(Ok(ModelEvent::Stop(_)))));
    }
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let (listener, base) = listen().await;
    drop(listener);
    assert_eq!(ask(&model(&base)).await.unwrap_err().name(), "unavailable");
}
