//! Fills a catalogue with plausible items, for measuring and for trying out:
//!
//! ```text
//! cargo run --release --example fill -- --database-url sqlite://data/marketplace.db --items 10000
//! ```

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use marketplace_api::config::DatabaseOptions;
use marketplace_api::startup;
use shared::wire::{ItemSource, ItemStatus, ItemType};
use store::{ItemToCreate, Store};

/// Items that are kept at a time.
const BATCH: usize = 200;

const TASKS: [&str; 12] = [
    "image classification",
    "object detection",
    "speech recognition",
    "machine translation",
    "text summarization",
    "question answering",
    "semantic segmentation",
    "recommendation",
    "anomaly detection",
    "time series forecasting",
    "图像分类",
    "音声認識",
];
const MODELS: [&str; 16] = [
    "ResNet-50",
    "BERT",
    "GPT-2",
    "Llama",
    "YOLOv8",
    "Whisper",
    "T5",
    "ViT",
    "U-Net",
    "EfficientNet",
    "Stable Diffusion",
    "wav2vec",
    "CLIP",
    "Mixtral",
    "DistilBERT",
    "LSTM",
];
const TOOLS: [&str; 9] = [
    "pytorch",
    "tensorflow",
    "horovod",
    "deepspeed",
    "jax",
    "mxnet",
    "onnx",
    "vllm",
    "triton",
];
const WORDS: [&str; 40] = [
    "trains",
    "a",
    "model",
    "on",
    "several",
    "machines",
    "with",
    "mixed",
    "precision",
    "and",
    "writes",
    "checkpoints",
    "to",
    "the",
    "shared",
    "storage",
    "every",
    "epoch",
    "so",
    "that",
    "it",
    "goes",
    "on",
    "after",
    "being",
    "preempted",
    "logs",
    "metrics",
    "for",
    "tensorboard",
    "needs",
    "one",
    "node",
    "eight",
    "cards",
    "data",
    "is",
    "fetched",
    "before",
    "start",
];

/// Fills a catalogue with plausible items.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    database: DatabaseOptions,
    /// How many items to add
    #[arg(long)]
    items: usize,
    /// Where to write the bytes of the search index, and of the texts that it is of
    #[arg(long)]
    sizes: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = startup::open(&arguments.database.database()?).await?;
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut done = 0;
    while done < arguments.items {
        let count = BATCH.min(arguments.items - done);
        let items = (done..done + count).map(|n| item(n, &mut dice)).collect();
        keep(&store, items).await?;
        done += count;
    }
    store.remove_unused().await?;
    store.analyze().await?;
    if let Some(path) = arguments.sizes {
        let size = store.index_size().await?;
        std::fs::write(path, format!("{} {}", size.index, size.texts))?;
    }
    store.close().await?;
    Ok(())
}

async fn keep(store: &Store, items: Vec<ItemToCreate>) -> anyhow::Result<()> {
    store
        .create_items(items)
        .await
        .map(drop)
        .context("cannot keep the items")
}

/// The same numbers every time (xorshift), so that measurements compare.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len())]
    }

    fn words(&mut self, count: usize) -> String {
        let words: Vec<_> = (0..count).map(|_| self.pick(&WORDS)).collect();
        words.join(" ")
    }
}

fn item(number: usize, dice: &mut Dice) -> ItemToCreate {
    let (task, model, tool) = (dice.pick(&TASKS), dice.pick(&MODELS), dice.pick(&TOOLS));
    let mut tags = vec![tool.to_owned(), format!("team-{}", dice.roll(60))];
    if dice.roll(3) == 0 {
        tags.push(task.replace(' ', "-"));
    }
    let share = dice.roll(100);
    let group = ["vision", "nlp"][dice.roll(2)].to_owned();
    ItemToCreate {
        name: Some(format!("{model} {task} {number}")),
        author: Some(
            ["alice", "bob", "carol", "admin"]
                .get(dice.roll(40))
                .map_or_else(|| format!("user{}", dice.roll(200)), ToString::to_string),
        ),
        kind: Some([ItemType::Template, ItemType::Template, ItemType::Data][dice.roll(3)]),
        source: [
            ItemSource::Marketplace,
            ItemSource::Marketplace,
            ItemSource::Pai,
        ][dice.roll(3)],
        is_public: share < 85,
        is_private: share >= 95,
        group_list: if (85..95).contains(&share) {
            vec![group]
        } else {
            vec![]
        },
        data_type: None,
        data_url: None,
        license: None,
        use_blob: false,
        categories: vec![],
        tags,
        summary: Some(format!("{task} with {model} on {tool}: {}", dice.words(5))),
        description: Some(format!("## {model}\n\n{}.", dice.words(20))),
        protocol: protocol(number, tool, dice),
        use_number: i32::try_from(dice.roll(1000)).unwrap_or(0),
        star_number: i32::try_from(dice.roll(100)).unwrap_or(0),
        status: Some(ItemStatus::Approved),
        review_note: None,
        protocol_valid: true,
        copied_from: None,
        deprecation: None,
        withdrawn: None,
        version: 1,
    }
}

/// A valid protocol of about two kilobytes.
fn protocol(number: usize, tool: &str, dice: &mut Dice) -> String {
    use std::fmt::Write;

    let mut text = format!(
        "protocolVersion: 2\nname: job_{number}\ntype: job\nprerequisites:\n  - name: image\n    type: dockerimage\n    \
         uri: openpai/{tool}:latest\ntaskRoles:\n  worker:\n    instances: {}\n    dockerImage: image\n    \
         resourcePerInstance: {{cpu: 4, memoryMB: 16384, gpu: 1}}\n    commands:\n",
        1 + dice.roll(8)
    );
    while text.len() < 2_250 {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "      - python {}.py --{} {}",
            dice.pick(&WORDS),
            dice.pick(&WORDS),
            dice.words(8)
        );
    }
    text
}
