//! `copilot translate`: a question as a query.

use contract::{
    query::{TranslateQuery, TranslatedQuery},
    routes::RouteId,
};

use crate::{
    cli::Translate, client::Client, error::Error, render::clean, request::Request, turn::time_zone,
};

pub(crate) async fn run(client: &Client, translate: Translate) -> Result<(), Error> {
    let body = TranslateQuery {
        text: super::ask::question(&translate.question)?,
        language: translate.language.name().to_owned(),
        session_id: translate.session,
        catalog: translate.catalog.as_deref().map(super::catalog).transpose()?,
        time_zone: time_zone(),
    };
    let body =
        serde_json::to_value(body).map_err(|error| Error::protocol("the question", error))?;
    let request = Request::new(RouteId::TranslateQuery).body(body);
    let translated: TranslatedQuery = client.json(&request).await?;
    let console = client.console();
    if translate.json {
        return super::print_json(console, &translated);
    }
    // The query alone on stdout, for another program to take.
    console.print(&format!("{}\n", clean(&translated.query)))?;
    console.note(&translated.explanation);
    for note in &translated.notes {
        console.note(note);
    }
    Ok(())
}
