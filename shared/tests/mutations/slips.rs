//! Slips: what people, and programs, get wrong in a protocol.

use super::value::{Meaning, Style, Value};

type Entries = Vec<(String, Value)>;

/// A protocol with one slip, once for each slip and place.
pub(crate) fn all(base: &Value) -> Vec<Value> {
    let mut documents = vec![base.clone()];
    // What `<%=` does depends on every `=` behind it.
    let has_templates = !base.write(Style::Flow).contains('=');
    for path in base.paths() {
        let mut original = base.clone();
        let value = original.at(&path).clone();
        for slip in at(&value, has_templates) {
            let mut document = base.clone();
            *document.at(&path) = slip;
            documents.push(document);
        }
    }
    documents
}

/// A value with each slip.
fn at(value: &Value, has_templates: bool) -> Vec<Value> {
    let mut slips = instead();
    match value {
        Value::Scalar(_, meaning) => {
            if let Meaning::Text(text) = meaning {
                let ends = ["", "-x", " x", ".x", " %> <"];
                let tags = [
                    " <% $parameters.no %>",
                    " <%= x %>",
                    " <%# x %>",
                    " <%! x %>",
                    " <%& x %>",
                    " +<%H",
                ];
                let tags = tags.iter().filter(|_| has_templates);
                for more in ends.iter().chain(tags) {
                    slips.push(Value::text(&format!("{text}{more}")));
                }
                if text.len() < 20 {
                    slips.push(Value::text(&text.repeat(256)));
                }
            }
        }
        Value::List(items) => {
            slips.extend(items.first().cloned());
            let mut add = |item: Value| {
                let mut items = items.clone();
                items.push(item);
                slips.push(Value::List(items));
            };
            for item in items {
                add(item.clone());
            }
            instead().into_iter().step_by(6).for_each(&mut add);
            for index in 0..items.len() {
                let mut items = items.clone();
                items.remove(index);
                slips.push(Value::List(items));
            }
        }
        Value::Mapping(entries) => {
            let with = |slip: &dyn Fn(&mut Entries)| {
                let mut entries = entries.clone();
                slip(&mut entries);
                Value::Mapping(entries)
            };
            for key in KEYS {
                for value in [Value::text("x"), number("1", 1), Value::Mapping(Vec::new())] {
                    if entries.iter().all(|(known, _)| known != key) {
                        slips.push(with(&|entries| {
                            entries.push(((*key).to_owned(), value.clone()));
                        }));
                    }
                }
            }
            for (index, (key, value)) in entries.iter().enumerate() {
                slips.push(with(&|entries| drop(entries.remove(index))));
                slips.push(with(&|entries| entries.push((key.clone(), value.clone()))));
                for name in renamed(key) {
                    if entries.iter().all(|(known, _)| *known != name) {
                        slips.push(with(&|entries| entries[index].0.clone_from(&name)));
                    }
                }
            }
        }
    }
    slips
}

/// Keys that OpenPAI knows somewhere, or nowhere.
const KEYS: &[&str] = &[
    "zzz",
    "additionalProperties",
    "auth",
    "cpu",
    "hivedScheduler",
    "plugin",
    "commands",
    "uri",
    "protocolVersion",
    "description",
    "deployment",
    "ports",
    "instances",
    "require",
    "<<",
];

/// What a key becomes by a slip.
fn renamed(key: &str) -> Vec<String> {
    let mut slips = vec![
        format!("{key}s"),
        format!("{key}-x"),
        format!("_{key}"),
        format!("1{key}"),
        format!("{key}.x"),
    ];
    slips.push(key.to_uppercase());
    slips.extend(["8080", ""].map(str::to_owned));
    if let Some((last, _)) = key.char_indices().last() {
        slips.push(key[..last].to_owned());
    }
    slips
}

/// What may stand where something else should.
fn instead() -> Vec<Value> {
    let scalar = |written: &str, meaning| Value::Scalar(written.to_owned(), meaning);
    let plain = |written: &str| scalar(written, Meaning::Text(written.to_owned()));
    let mut values = vec![
        Value::List(Vec::new()),
        Value::List(vec![Value::text("x")]),
        Value::List(vec![number("1", 1)]),
        Value::Mapping(Vec::new()),
        Value::Mapping(vec![("x".to_owned(), number("1", 1))]),
        scalar("~", Meaning::Null),
        scalar("null", Meaning::Null),
        scalar("true", Meaning::Bool),
        scalar("FALSE", Meaning::Bool),
        scalar("'2'", Meaning::Text("2".to_owned())),
        scalar("'2021-01-01'", Meaning::Text("2021-01-01".to_owned())),
    ];
    for (written, meaning) in [
        ("0", 0),
        ("-1", -1),
        ("2", 2),
        ("2.0", 2),
        ("2e0", 2),
        ("+2", 2),
        ("0x2", 2),
        ("0b10", 2),
        ("02", 2),
        ("0100", 64),
        ("8_192", 8192),
        ("1:30", 90),
        ("12:30:45", 45045),
    ] {
        values.push(number(written, meaning));
    }
    for written in [
        "1.5",
        "1e-3",
        ".5",
        "1:30.5",
        ".inf",
        "-.INF",
        ".nan",
        "9007199254740993",
        "1e300",
    ] {
        values.push(scalar(written, Meaning::Number));
    }
    for written in ["2021-01-01", "2021-01-01T12:00:00Z", "2021-1-1 1:00:00"] {
        values.push(scalar(written, Meaning::Date));
    }
    for written in [
        "x", "yes", "0o2", "09", "-.5", "1_", "2021-1-1", "1:60", "01:30", "job", "data",
    ] {
        values.push(plain(written));
    }
    values.push(Value::text(""));
    values.push(Value::text("a b"));
    values
}

fn number(written: &str, meaning: i64) -> Value {
    Value::Scalar(written.to_owned(), Meaning::Whole(meaning))
}
