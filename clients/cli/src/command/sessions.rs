//! `copilot sessions`: what was talked about.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use contract::{
    message::Message,
    routes::RouteId,
    session::{Session, UpdateSession},
};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    answer,
    cli::{ListSessions, Sessions, SessionsCommand},
    client::Client,
    error::Error,
    render::{clean, pad, pad_left, shorten, times, width},
    request::Request,
};

const UNNAMED: &str = "–";
const MIN_NAME_COLUMNS: usize = 12;

pub(crate) async fn run(client: &Client, sessions: Sessions) -> Result<(), Error> {
    match sessions.command {
        None => list(client, &sessions.list).await,
        Some(SessionsCommand::List(arguments)) => list(client, &arguments).await,
        Some(SessionsCommand::Show { id, limit, json }) => {
            show(client, &id, limit.into(), json).await
        }
        Some(SessionsCommand::Rename { id, name }) => rename(client, &id, &name.join(" ")).await,
        Some(SessionsCommand::Delete { ids, yes }) => delete(client, &ids, yes).await,
    }
}

async fn list(client: &Client, arguments: &ListSessions) -> Result<(), Error> {
    let console = client.console();
    let request = Request::new(RouteId::ListSessions);
    let sessions: Vec<Session> = client.list(request, arguments.limit.into()).await?;
    if arguments.json {
        return super::print_json(console, &sessions);
    }
    if sessions.is_empty() {
        console.note("no sessions yet; `copilot ask` opens one");
        return Ok(());
    }
    let (now, zone, paint) = (Timestamp::now(), TimeZone::system(), console.paint());
    let ids = sessions.iter().map(|session| width(&session.id)).max().unwrap_or(0);
    let names = console.width().saturating_sub(ids + 30).max(MIN_NAME_COLUMNS);
    for session in &sessions {
        let name = shorten(&name(session), names);
        let count = pad_left(&messages(session.message_count), 13);
        let ago = times::ago(session.last_activity, now, &zone);
        let line = format!(
            "{}  {}{count}  {}",
            pad(&clean(&session.id), ids),
            pad(&name, names),
            paint.dim(&ago)
        );
        console.print(&format!("{line}\n"))?;
    }
    Ok(())
}

fn name(session: &Session) -> String {
    session
        .name
        .as_deref()
        .map_or_else(|| UNNAMED.to_owned(), |name| clean(name).replace('\n', " "))
}

fn messages(count: u32) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

async fn show(client: &Client, id: &str, limit: usize, json: bool) -> Result<(), Error> {
    let console = client.console();
    let session: Session = client.json(&Request::new(RouteId::GetSession).id(id)).await?;
    // The newest come first, so that the limit cuts off the oldest.
    let request = Request::new(RouteId::ListMessages).id(id).query("order", "desc");
    let mut said: Vec<Message> = client.list(request, limit).await?;
    said.reverse();
    if json {
        return super::print_json(
            console,
            &serde_json::json!({ "session": session, "messages": said }),
        );
    }
    let (zone, paint) = (TimeZone::system(), console.paint());
    let heading = format!("{} · {}", name(&session), messages(session.message_count));
    console.print(&format!("{}\n", paint.bold(&heading)))?;
    for message in &said {
        let mut about = times::moment(message.created_at, &zone);
        if message.status != "complete" {
            about = format!("{about} · {}", clean(&message.status));
        }
        let who = if message.role == "user" { "you" } else { "copilot" };
        console.print(&format!("\n{} {}\n", paint.bold(who), paint.dim(&about)))?;
        answer::print_text(console, &message.content)?;
    }
    Ok(())
}

async fn rename(client: &Client, id: &str, name: &str) -> Result<(), Error> {
    let change = UpdateSession { name: Some(Some(name.to_owned())), ..UpdateSession::default() };
    let body = serde_json::to_value(change).map_err(|error| Error::protocol("the name", error))?;
    let session: Session =
        client.json(&Request::new(RouteId::UpdateSession).id(id).body(body)).await?;
    client.console().note(&format!(
        "{} is now called {}",
        session.id,
        session.name.unwrap_or_default()
    ));
    Ok(())
}

async fn delete(client: &Client, ids: &[String], yes: bool) -> Result<(), Error> {
    if !yes && !confirmed(ids)? {
        client.console().note("nothing was deleted");
        return Ok(());
    }
    for id in ids {
        client.nothing(&Request::new(RouteId::DeleteSession).id(id)).await?;
        client.console().note(&format!("deleted {id}"));
    }
    Ok(())
}

fn confirmed(ids: &[String]) -> Result<bool, Error> {
    if !io::stdin().is_terminal() {
        return Err(Error::Usage(
            "there is nobody to ask whether to delete; say so with --yes".to_owned(),
        ));
    }
    let what = if ids.len() == 1 { ids[0].clone() } else { format!("{} sessions", ids.len()) };
    let mut stderr = io::stderr().lock();
    write!(stderr, "Delete {} with all that was said? [y/N] ", clean(&what))
        .and_then(|()| stderr.flush())
        .map_err(Error::Output)?;
    let mut reply = String::new();
    io::stdin().lock().read_line(&mut reply).map_err(Error::Input)?;
    Ok(matches!(reply.trim().to_lowercase().as_str(), "y" | "yes"))
}
