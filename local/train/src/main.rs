mod chain;
mod data;
mod random;
mod svm;
use std::path::Path;
use model::{EntityKind, Intent};
use nlp::training::tags;
fn spans(u: &data::Utterance, optional: bool) -> Vec<(EntityKind, std::ops::Range<usize>)> {
    let mut at = 0;
    let mut out = vec![];
    for l in &u.entities {
        let p = at + u.text[at..].find(&l.text).unwrap();
        at = p + l.text.len();
        if l.optional == optional { out.push((EntityKind::from_name(&l.kind).unwrap(), p..at)); }
    }
    out
}
fn wire(v: &model::EntityValue, text: &str) -> serde_json::Value {
    use model::EntityValue::*;
    use serde_json::json;
    match v {
        Text(t) => json!(t),
        Time(r) => r.relative.as_ref().map_or(json!(text), |r| json!({ "relative": r })),
        Threshold { comparison, value, unit } => json!({"op": comparison.symbol(), "value": value, "unit": match unit { model::Unit::Seconds => "s", model::Unit::Ratio => "ratio", model::Unit::Bytes => "bytes", _ => "count" }}),
        Quantity { value, unit } => json!({"value": value, "unit": unit}),
        Seconds(s) => json!(s),
        Said => json!(true),
    }
}
fn same(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value::*;
    match (a, b) {
        (Number(a), Number(b)) => (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-6,
        (String(a), String(b)) => a.eq_ignore_ascii_case(b),
        (Object(a), Object(b)) => a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w))),
        _ => a == b,
    }
}
fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let what = args[1].as_str();
    let bits: u32 = args.get(2).map_or(18, |a| a.parse().unwrap());
    let cost: f32 = args.get(3).map_or(2.0, |a| a.parse().unwrap());
    let show = args.get(4).cloned();
    let root = Path::new("shared/nlp/data");
    let train: Vec<_> = data::authors(&root.join("train"))?.into_iter().flat_map(|a| a.utterances).collect();
    let t0 = std::time::Instant::now();
    if what == "norm" {
        let mut by: std::collections::BTreeMap<String, [usize; 2]> = Default::default();
        for u in &train {
            let mut at = 0;
            for l in &u.entities {
                let p = at + u.text[at..].find(&l.text).unwrap();
                at = p + l.text.len();
                let v = nlp::training::normalised(&u.text, EntityKind::from_name(&l.kind).unwrap(), &(p..at));
                let j = v.map_or(serde_json::Value::Null, |v| wire(&v, &l.text));
                let ok = same(&j, &l.normalized);
                by.entry(l.kind.clone()).or_default()[usize::from(!ok)] += 1;
                if !ok { println!("{:<14}{:<30}{:<40}{:<40} | {}", l.kind, l.text, l.normalized.to_string(), j.to_string(), u.text); }
            }
        }
        println!("{by:?}");
        return Ok(());
    }
    if what == "tag" {
        let sentence = |u: &data::Utterance| {
            let t = nlp::training::tag_features(&u.text, bits);
            let gold = nlp::training::gold_tags(&t.spans, &spans(u, false));
            let opt = nlp::training::gold_tags(&t.spans, &spans(u, true));
            (chain::Sentence { features: t.features, gold, free: opt.iter().map(|&o| o != 0).collect() }, t.spans)
        };
        let sentences: Vec<_> = train.iter().map(|u| sentence(u).0).collect();
        println!("features {:?}", t0.elapsed());
        let m = chain::train(&sentences, bits, 12, cost, 1);
        println!("trained {:?}", t0.elapsed());
        if show.as_deref() == Some("save") {
            std::fs::write(root.join("tags.bin"), nlp::training::encoded(bits, &vec![0.0; tags::COUNT], &m.rows))?;
        }
        for author in data::authors(&root.join("test"))? {
            let mut by: std::collections::BTreeMap<&str, [usize; 3]> = Default::default();
            for u in &author.utterances {
                let (s, tspans) = sentence(u);
                let guess = tags::spans(&m.best(&s.features, |_, _| 0.0));
                let gold = spans(u, false); let opt = spans(u, true);
                let mut used = vec![false; gold.len()];
                for (k, r) in &guess {
                    let r = tspans[r.start].start..tspans[r.end - 1].end;
                    let hit = gold.iter().enumerate().position(|(i, (gk, gr))| !used[i] && gk == k && gr.start < r.end && r.start < gr.end);
                    match hit { Some(i) => { used[i] = true; by.entry(k.name()).or_default()[0] += 1 }
                        None => if !opt.iter().any(|(ok, or)| or.start < r.end && r.start < or.end) {
                            by.entry(k.name()).or_default()[1] += 1;
                            if show.is_some() { println!("FP {:<18}{:<28}| {}", k.name(), &u.text[r], u.text); } } }
                }
                for (i, (k, r)) in gold.iter().enumerate() { if !used[i] { by.entry(k.name()).or_default()[2] += 1; if show.is_some() { println!("FN {:<18}{:<28}| {}", k.name(), &u.text[r.clone()], u.text); } } }
            }
            let sum = by.values().fold([0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
            println!("{} tp {} fp {} fn {} F1 {:.3}", author.name, sum[0], sum[1], sum[2], 2.0 * sum[0] as f32 / (2 * sum[0] + sum[1] + sum[2]) as f32);
            if show.is_some() { for (k, v) in by { println!("   {k} {v:?}"); } }
        }
        return Ok(());
    }
    let rows: Vec<svm::Row> = train.iter().map(|u| nlp::training::intent_features(&u.text).weighted(bits)).collect();
    println!("features {:?} for {}", t0.elapsed(), rows.len());
    let classes: Vec<usize> = train.iter().map(|u| Intent::from_name(&u.intent).unwrap() as usize).collect();
    let w = svm::train(&rows, &classes, Intent::ALL.len(), &svm::Options { bits, cost, passes: 60, seed: 1 });
    println!("trained {:?}", t0.elapsed());
    let bytes: &'static [u8] = Box::leak(nlp::training::encoded(bits, &w.biases, &w.weights).into_boxed_slice());
    let m = nlp::training::Linear::new(bytes).unwrap();
    for author in data::authors(&root.join("test"))? {
        let (mut ok, mut ok2) = (0, 0);
        for u in &author.utterances {
            let s = m.scores(&nlp::training::intent_features(&u.text).weighted(bits));
            let b = (0..s.len()).max_by(|&a, &b| s[a].total_cmp(&s[b])).unwrap();
            let p = Intent::ALL[b].name();
            ok += usize::from(p == u.intent); ok2 += usize::from(p == u.intent || u.also_ok.iter().any(|a| a == p));
            if show.is_some() && p != u.intent { println!("{:<22}{:<22}{}{}", u.intent, p, u.text, if u.also_ok.iter().any(|a| a == p) {"  (ok)"} else {""}); }
        }
        println!("{} {} {:.3} {:.3}", author.name, author.utterances.len(), ok as f32 / author.utterances.len() as f32, ok2 as f32 / author.utterances.len() as f32);
    }
    Ok(())
}
