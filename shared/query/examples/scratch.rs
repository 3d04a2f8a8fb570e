fn main() {
    let mut args = std::env::args().skip(1);
    let (file, name, language, text) =
        (args.next().unwrap(), args.next().unwrap(), args.next().unwrap(), args.next().unwrap());
    let all: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let one = &all[name.as_str()];
    let catalogs = query::Catalogs {
        metrics: serde_json::from_value(one["prometheus"].clone()).unwrap_or_default(),
        logs: serde_json::from_value(one["loki"].clone()).unwrap(),
        traces: serde_json::from_value(one["tempo"].clone()).unwrap(),
    };
    let understanding = model::Understanding {
        intent: model::Intent::QueryLogs,
        confidence: 1.0,
        entities: vec![],
    };
    let language = match language.as_str() {
        "logql" => query::Language::LogQl,
        "traceql" => query::Language::TraceQl,
        _ => query::Language::PromQl,
    };
    println!(
        "{:?}",
        query::translate(
            language,
            &query::Question { text: &text, understanding: &understanding },
            &catalogs,
            &query::Settings::default(),
            jiff::Timestamp::now()
        )
        .map(|it| it.query)
    );
}
