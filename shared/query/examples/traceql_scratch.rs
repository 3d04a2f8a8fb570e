use query::*;
fn norm(s: &str) -> String { s.chars().filter(|c| !c.is_whitespace()).map(|c| if matches!(c, '\'' | '`') { '"' } else { c }).collect() }
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let catalogs: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&args[1]).unwrap()).unwrap();
    let zone = jiff::tz::TimeZone::UTC;
    let moment = nlp::Moment { now: jiff::Timestamp::now(), zone: &zone };
    let (mut all, mut right, mut asked, mut whole) = (0, 0, 0, 0);
    for line in std::fs::read_to_string(&args[2]).unwrap().lines() {
        let q: serde_json::Value = serde_json::from_str(line).unwrap();
        if q["language"] != "traceql" { continue; }
        let text = q["text"].as_str().unwrap();
        let c = &catalogs[q["catalog"].as_str().unwrap()]["tempo"];
        let traces: TraceCatalog = serde_json::from_value(c.clone()).unwrap();
        let understanding = nlp::understand(text, &nlp::Vocabulary::default(), &moment).understanding;
        let question = Question { text, understanding: &understanding };
        let catalogs = Catalogs { traces, ..Catalogs::default() };
        let t = translate(Language::TraceQl, &question, &catalogs, &Settings::default(), moment.now);
        asked += 1;
        let got = match &t { Ok(t) => t.query.clone(), Err(e) => format!("ERROR {e}") };
        let g = norm(&got);
        let list = |k: &str| q[k].as_array().map(|a| a.iter().map(|v| v.as_str().unwrap().to_owned()).collect::<Vec<_>>()).unwrap_or_default();
        let missing: Vec<String> = list("must_mention").into_iter().filter(|m| !g.contains(&norm(m))).collect();
        let bad: Vec<String> = list("must_not").into_iter().filter(|m| g.contains(&norm(m))).collect();
        all += list("must_mention").len() + list("must_not").len();
        right += list("must_mention").len() - missing.len() + list("must_not").len() - bad.len();
        let fine = missing.is_empty() && bad.is_empty() && t.is_ok();
        whole += usize::from(fine);
        if !fine || args.get(3).is_some() {
            println!("{} {} [{}]\n   {text}\n   got  {got}\n   want {}\n   missing {missing:?} bad {bad:?}", if fine {"ok  "} else {"WRONG"}, q["id"], q["catalog"].as_str().unwrap(), q["expected"].as_str().unwrap_or(""));
            if args.get(3).map(String::as_str) == Some("-e") { if let Ok(t) = &t { println!("   {} {:?}", t.explanation, t.notes); } }
        }
    }
    println!("{whole}/{asked} whole, {right}/{all} tokens");
}
