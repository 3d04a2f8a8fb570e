//! `copilot eval`: how well questions are understood, measured here and without a server.

mod prometheus;
mod table;

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::Path,
};

use evaluation::{Data, Executor, Failure, Live, Prediction, data, split};
use jiff::Timestamp;

use self::prometheus::Prometheus;
use super::read;
use crate::{cli::Eval, console::Console, error::Error, render::style::Paint};

pub(crate) async fn run(console: &Console, eval: &Eval) -> Result<(), Error> {
    let data = load(eval)?;
    let prometheus = match &eval.prometheus {
        Some(url) => Some(Prometheus::connect(url).await?),
        None => None,
    };
    console.progress("evaluating…");
    let at = Timestamp::now();
    let executor = prometheus.as_ref().map(|prometheus| prometheus as &dyn Executor);
    let live = executor.map(|executor| Live { executor, at });
    let evaluation = evaluation::evaluate(&data, live).await;
    if let Some(prometheus) = prometheus {
        prometheus.finish()?;
    }
    if let Some(path) = &eval.predictions {
        write(path, &evaluation.predictions)?;
    }
    if eval.show_failures {
        show(console, &evaluation.failures, eval.json)?;
    }
    if eval.json {
        return super::print_json(console, &evaluation.report);
    }
    console.print(&table::report(&evaluation.report, console.paint()))
}

/// The files that are named; where none is, the test split that is built in.
fn load(eval: &Eval) -> Result<Data, Error> {
    if eval.utterances.is_none() && eval.dialogues.is_none() && eval.queries.is_none() {
        let (queries, catalogs) = split::queries()?;
        let (utterances, dialogues) = (split::utterances()?, split::dialogues()?);
        return Ok(Data { utterances, dialogues, queries, catalogs });
    }
    let mut loaded = Data::default();
    if let Some(path) = &eval.utterances {
        loaded.utterances = data::utterances(&path.to_string_lossy(), &read(path)?)?;
    }
    if let Some(path) = &eval.dialogues {
        loaded.dialogues = data::dialogues(&path.to_string_lossy(), &read(path)?)?;
    }
    if let (Some(queries), Some(catalogs)) = (&eval.queries, &eval.catalogs) {
        loaded.catalogs = data::catalogs(&catalogs.to_string_lossy(), &read(catalogs)?)?;
        let (file, text) = (queries.to_string_lossy(), read(queries)?);
        loaded.queries = data::queries(&file, &text, &loaded.catalogs)?;
    }
    Ok(loaded)
}

fn write(path: &Path, predictions: &[Prediction]) -> Result<(), Error> {
    let written = || {
        let mut file = BufWriter::new(fs::File::create(path)?);
        for prediction in predictions {
            serde_json::to_writer(&mut file, prediction)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    };
    written().map_err(|source| Error::Unwritable { path: path.to_owned(), source })
}

/// Aside where stdout is for JSON alone.
fn show(console: &Console, failures: &[Failure], aside: bool) -> Result<(), Error> {
    for failure in failures {
        if aside {
            console.note(&table::failure(failure, Paint::new(false)));
        } else {
            console.print(&format!("{}\n\n", table::failure(failure, console.paint())))?;
        }
    }
    Ok(())
}
