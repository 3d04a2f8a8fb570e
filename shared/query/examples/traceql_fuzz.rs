use query::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let understanding = model::Understanding { intent: model::Intent::QueryTraces, confidence: 1.0, entities: vec![] };
    let mut texts = Vec::new();
    for f in &args[2..] { for line in std::fs::read_to_string(f).unwrap().lines() { texts.push(line.replace('\t', " ")); } }
    let files: Vec<String> = args[1].split(',').map(str::to_owned).collect();
    let (mut n, mut ok, mut rejected) = (0u32, 0u32, 0u32);
    let start = std::time::Instant::now();
    for f in files {
        let cats: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&std::fs::read_to_string(f).unwrap()).unwrap();
        for (name, c) in &cats {
            let traces: TraceCatalog = serde_json::from_value(c["tempo"].clone()).unwrap();
            let catalogs = Catalogs { traces, ..Catalogs::default() };
            for text in &texts {
                let q = Question { text, understanding: &understanding };
                n += 1;
                match translate(Language::TraceQl, &q, &catalogs, &Settings::default(), jiff::Timestamp::UNIX_EPOCH) {
                    Ok(t) => { ok += 1; if n % 997 == 0 { println!("{name}: {text}\n    {}", t.query); } }
                    Err(PlanError::Rejected(e)) => { rejected += 1; println!("REJECTED {name}: {text}: {e}"); }
                    Err(_) => {}
                }
            }
        }
    }
    println!("{n} asked, {ok} ok, {rejected} rejected, {:?} each", start.elapsed() / n);
}
