//! How long the lint takes for a protocol of 500 lines, in nanoseconds: for
//! `cargo xtask bench`.
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::hint::black_box;
use std::time::Instant;

use marketplace_shared::lint::{scan, scan_value};

/// Of so many runs the median counts.
const RUNS: usize = 200;

/// Lines of commands; there are ten more around them.
const COMMANDS: usize = 490;

const HEAD: &str = "protocolVersion: 2
name: measured
type: job
prerequisites:
  - {name: image, type: dockerimage, uri: ubuntu}
taskRoles:
  main:
    dockerImage: image
    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}
    commands:
";

fn main() {
    let commands: Vec<String> = (0..COMMANDS).map(command).collect();
    let mut text = HEAD.to_owned();
    for command in &commands {
        text.extend(["      - ", command, "\n"]);
    }
    assert_eq!(text.lines().count(), 500);
    assert_eq!(scan(&text).len(), COMMANDS.div_ceil(10), "each is found");
    let mut times: Vec<u128> = (0..RUNS).map(|_| run(&text, &commands)).collect();
    times.sort_unstable();
    println!("{}", times[RUNS / 2]);
}

/// What the validator has the lint do: the text as it is written, comments and all, and
/// each value as it is read.
fn run(text: &str, commands: &[String]) -> u128 {
    let start = Instant::now();
    black_box(scan(black_box(text)));
    for command in commands {
        black_box(scan_value("commands", black_box(command)));
    }
    start.elapsed().as_nanos()
}

/// Commands as people write them, every tenth with a token in it, which is put together
/// here so that nobody takes this file for a leak.
fn command(number: usize) -> String {
    match number % 10 {
        0 => {
            let token = ["ghp_", "q7ZtR2mX9vLp4KsD8wNf3bHc6JyTgA"].concat();
            format!("git clone https://me:{token}{number:06}@github.com/a/b")
        }
        1 => format!(
            "export CUDA_VISIBLE_DEVICES={} OMP_NUM_THREADS=8",
            number % 8
        ),
        2 => format!("pip install --no-cache-dir torch==2.6.{number} 'transformers>=4.40,<5'"),
        3 => "export TOKEN=\"<% $secrets.token %>\" && huggingface-cli login --token $TOKEN"
            .to_owned(),
        _ => format!(
            "python train.py --model resnet{number} --learning-rate 0.1 --data https://example.org/data/part-{number}.tar.gz | tee log"
        ),
    }
}
