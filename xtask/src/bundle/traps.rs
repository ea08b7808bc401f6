//! Makes panics of the linked wasm what they are in the browser anyway: traps. Nothing
//! prints what they say, since the plugin has no panic hook and wasm no standard error,
//! so all that puts their words together is weight: texts, places in source files, and
//! the formatting of what they quote.
//!
//! What is long here is to tell which calls may go, and that is in no crate: `wasm-encoder`,
//! which is in `Cargo.lock`, would spare the writing of one section, and a crate that
//! writes a module anew, such as `walrus`, loses the relocations that the splitter wants.

use std::collections::HashSet;
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use wasmparser::{
    BinaryReader, FunctionBody, KnownCustom, Name, NameSectionReader, Operator, Parser, Payload,
    RelocSectionReader, RelocationEntry, TypeRef,
};

/// What the section of relocations of code is called.
const RELOCATIONS: &str = "reloc.CODE";

/// How a section that is not wasm's own begins.
const CUSTOM: u8 = 0;

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;

/// Puts a trap in place of each call that ends in a panic, and of the straight line of
/// instructions before it that only prepares the call; and nothing in place of the calls
/// of functions that do nothing, as there is one before each allocation. Nothing moves:
/// the rest is filled with `nop`, which wasm-opt takes away. With the calls go their
/// relocations, so that what only they refer to is left out when the wasm is split.
///
/// # Errors
/// When it is no wasm with names and relocations.
pub(super) fn without_messages(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut wasm = wasm.to_vec();
    let module = Module::of(&wasm)?;
    let mut replaced: Vec<Range<usize>> = Vec::new();
    let mut panicking = HashSet::new();
    let mut idle = HashSet::new();
    for (index, body) in (module.imported..).zip(bodies(&wasm)?) {
        if module.of_std.contains(&index) && never_returns(&body)? {
            panicking.insert(index);
        }
        let mut operators = body.get_operators_reader()?;
        if module.takes_nothing(index) && matches!(operators.read()?, Operator::End) {
            idle.insert(index);
        }
    }
    ensure!(!panicking.is_empty(), "the linked wasm names no panics");
    for body in bodies(&wasm)? {
        replaced.extend(calls(&body, &idle)?.into_iter().map(|run| run.call));
    }
    for call in &replaced {
        wasm[call.clone()].fill(NOP);
    }
    // Functions that do no more than panic by others are as good as those.
    loop {
        let mut found = Vec::new();
        for (index, body) in (module.imported..).zip(bodies(&wasm)?) {
            let calls = calls(&body, &panicking)?;
            found.extend(calls.into_iter().map(|run| (index, run)));
        }
        if found.is_empty() {
            break;
        }
        for (function, run) in found {
            let all = run.start..run.call.end;
            wasm[all.clone()].fill(NOP);
            wasm[run.start] = UNREACHABLE;
            replaced.push(all);
            if run.is_first {
                panicking.insert(function);
            }
        }
    }
    replaced.sort_by_key(|range| range.start);
    without_relocations(&wasm, &replaced)
}

/// What is known of a module's functions, by their index.
struct Module {
    /// How many come before those with bodies.
    imported: u32,
    /// Those of the standard library. One that never returns panics or aborts.
    of_std: HashSet<u32>,
    /// The types of those with bodies.
    types: Vec<u32>,
    /// The types without parameters and results.
    empty: HashSet<u32>,
}

impl Module {
    fn of(wasm: &[u8]) -> Result<Self> {
        let mut module = Self {
            imported: 0,
            of_std: HashSet::new(),
            types: Vec::new(),
            empty: HashSet::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(types) => {
                    for (index, kind) in (0..).zip(types.into_iter_err_on_gc_types()) {
                        let kind = kind?;
                        if kind.params().is_empty() && kind.results().is_empty() {
                            module.empty.insert(index);
                        }
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        module.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(types) => {
                    module.types = types.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        module.read_names(names)?;
                    }
                }
                _ => {}
            }
        }
        Ok(module)
    }

    fn read_names(&mut self, names: NameSectionReader<'_>) -> Result<()> {
        for subsection in names {
            let Name::Function(names) = subsection? else {
                continue;
            };
            for naming in names {
                let naming = naming?;
                if is_of_std(naming.name) {
                    self.of_std.insert(naming.index);
                }
            }
        }
        Ok(())
    }

    /// Whether a function with a body has neither parameters nor results.
    fn takes_nothing(&self, function: u32) -> bool {
        let kind = self.types.get((function - self.imported) as usize);
        kind.is_some_and(|kind| self.empty.contains(kind))
    }
}

/// Whether a mangled name, of the old way or the new one, is of `core`, `alloc` or `std`.
fn is_of_std(name: &str) -> bool {
    let crates = ["4core", "5alloc", "3std"];
    if let Some(path) = name.strip_prefix("_ZN") {
        return crates.iter().any(|start| path.starts_with(start));
    }
    // `_RNvNtCs<hash>_4core9panicking5panic`: the crate comes first.
    let root = name
        .strip_prefix("_R")
        .and_then(|path| path.split_once("Cs"))
        .and_then(|(_, rest)| rest.split_once('_'));
    root.is_some_and(|(_, path)| crates.iter().any(|start| path.starts_with(start)))
}

/// Whether a function has no end that its instructions reach.
fn never_returns(body: &FunctionBody<'_>) -> Result<bool> {
    let mut depth = 0;
    let mut is_after_trap = false;
    let mut returns = false;
    for operator in body.get_operators_reader()? {
        let operator = operator?;
        match &operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
            Operator::End if depth > 0 => depth -= 1,
            Operator::End => returns |= !is_after_trap,
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                returns |= *relative_depth == depth;
            }
            Operator::BrTable { targets } => {
                let others: Vec<u32> = targets.targets().collect::<Result<_, _>>()?;
                returns |= targets.default() == depth || others.contains(&depth);
            }
            Operator::Return
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => returns = true,
            _ => {}
        }
        is_after_trap = matches!(operator, Operator::Unreachable);
    }
    Ok(!returns)
}

/// A call with the straight line of instructions before it.
struct Run {
    /// Where in the file the line begins.
    start: usize,
    /// Where the call is.
    call: Range<usize>,
    /// Whether the function begins with the line.
    is_first: bool,
}

/// The calls in a function of those in `wanted`.
fn calls(body: &FunctionBody<'_>, wanted: &HashSet<u32>) -> Result<Vec<Run>> {
    let operators: Vec<(Operator<'_>, u64)> = body
        .get_operators_reader()?
        .into_iter_with_offsets()
        .collect::<Result<_, _>>()?;
    let mut runs = Vec::new();
    let mut start = 0;
    for (index, pair) in operators.windows(2).enumerate() {
        let [(operator, place), (_, end)] = pair else {
            continue;
        };
        if is_straight(operator) {
            continue;
        }
        if matches!(operator, Operator::Call { function_index } if wanted.contains(function_index))
        {
            runs.push(Run {
                start: usize::try_from(operators[start].1)?,
                call: usize::try_from(*place)?..usize::try_from(*end)?,
                is_first: start == 0,
            });
        }
        start = index + 1;
    }
    Ok(runs)
}

/// Whether an instruction leads to the next one, and does nothing outside of locals and
/// memory. What a trap leaves in memory is no worse with it than without.
fn is_straight(operator: &Operator<'_>) -> bool {
    !matches!(
        operator,
        Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Unreachable
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::GlobalSet { .. }
            | Operator::Try { .. }
            | Operator::Catch { .. }
            | Operator::CatchAll
            | Operator::Delegate { .. }
            | Operator::TryTable { .. }
            | Operator::Throw { .. }
            | Operator::ThrowRef
            | Operator::Rethrow { .. }
    )
}

fn bodies(wasm: &[u8]) -> Result<Vec<FunctionBody<'_>>> {
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CodeSectionEntry(body) = payload? {
            bodies.push(body);
        }
    }
    Ok(bodies)
}

/// The wasm without the relocations in `ranges` of its code, which are in order.
fn without_relocations(wasm: &[u8], ranges: &[Range<usize>]) -> Result<Vec<u8>> {
    let mut code = None;
    let mut relocations = None;
    // Where the section begins: where the one before it ends.
    let mut end = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::CodeSectionStart { range, .. } = &payload {
            code = Some(usize::try_from(range.start)?);
        }
        if let Payload::CustomSection(section) = &payload
            && section.name() == RELOCATIONS
        {
            let content = usize::try_from(section.data_offset())?;
            relocations = Some((end, content..content + section.data().len()));
        }
        if let Some((_, range)) = payload.as_section() {
            end = usize::try_from(range.end)?;
        }
    }
    let code = code.context("the linked wasm has no code")?;
    let (start, content) = relocations.context("the linked wasm has no relocations")?;
    let data = &wasm[content.clone()];
    let reader = RelocSectionReader::new(BinaryReader::new(data, 0))?;
    let target = reader.section_index() as usize;
    let is_kept = |entry: &RelocationEntry| {
        let place = code + entry.offset as usize;
        let after = ranges.partition_point(|range| range.end <= place);
        !ranges
            .get(after)
            .is_some_and(|range| range.contains(&place))
    };
    let entries: Vec<(u64, RelocationEntry)> = reader
        .entries()
        .into_iter_with_offsets()
        .collect::<Result<_, _>>()?;
    let ends = entries.iter().skip(1).map(|(start, _)| *start);
    let mut kept = Vec::new();
    let mut number = 0;
    for ((from, entry), to) in entries.iter().zip(ends.chain([data.len() as u64])) {
        if is_kept(entry) {
            kept.extend_from_slice(&data[usize::try_from(*from)?..usize::try_from(to)?]);
            number += 1;
        }
    }

    let mut section = Vec::new();
    leb(&mut section, RELOCATIONS.len());
    section.extend_from_slice(RELOCATIONS.as_bytes());
    leb(&mut section, target);
    leb(&mut section, number);
    section.extend(kept);
    let mut result = wasm[..start].to_vec();
    result.push(CUSTOM);
    leb(&mut result, section.len());
    result.extend(section);
    result.extend_from_slice(&wasm[content.end..]);
    Ok(result)
}

/// Appends a number as wasm has them.
fn leb(to: &mut Vec<u8>, mut number: usize) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            to.push(low & 0x7f);
            break;
        }
        to.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of sections.
    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        for (kind, content) in sections {
            wasm.push(*kind);
            leb(&mut wasm, content.len());
            wasm.extend_from_slice(content);
        }
        wasm
    }

    fn custom(name: &str, content: &[u8]) -> Vec<u8> {
        let mut section = Vec::new();
        leb(&mut section, name.len());
        section.extend_from_slice(name.as_bytes());
        section.extend_from_slice(content);
        section
    }

    /// Four functions: one that does nothing, a panic of `core`, one of the app that only
    /// panics by that, and one that stores something if its block ends, else panics.
    fn example() -> Vec<u8> {
        let bodies: [&[u8]; 4] = [
            &[0, 0x0b],
            &[0, 0x00, 0x0b],
            &[
                0, 0x41, 1, 0x1a, 0x10, 0x81, 0x80, 0x80, 0x80, 0, 0x00, 0x0b,
            ],
            &[
                0, // no locals
                0x10, 0x80, 0x80, 0x80, 0x80, 0, // call 0
                0x02, 0x40, // block
                0x20, 0, 0x0d, 0, // br_if 0 (local.get 0)
                0x41, 0x87, 0x80, 0x80, 0x80, 0, 0x1a, // drop (i32.const 7)
                0x10, 0x82, 0x80, 0x80, 0x80, 0, // call 2
                0x00, 0x0b, // unreachable end
                0x41, 5, 0x1a, 0x0b, // drop (i32.const 5) end
            ],
        ];
        let mut code = vec![4];
        for body in bodies {
            leb(&mut code, body.len());
            code.extend_from_slice(body);
        }
        let mut names = vec![2];
        for (index, name) in [
            (1, "_RNvNtCsgXGp5Oqx2Ny_4core9panicking5panic"),
            (2, "_ZN3app4fail17h0123456789abcdefE"),
        ] {
            names.push(index);
            leb(&mut names, name.len());
            names.extend_from_slice(name.as_bytes());
        }
        let mut functions = vec![1];
        leb(&mut functions, names.len());
        functions.extend(names);
        // Four of the numbers in the bodies above, and one that stays.
        let relocations = [3, 5, 0, 14, 1, 0, 24, 0, 4, 36, 3, 0, 0, 43, 2, 4, 51, 3, 0];
        module(&[
            (1, &[2, 0x60, 0, 0, 0x60, 1, 0x7f, 0]),
            (3, &[4, 0, 0, 0, 1]),
            (10, &code),
            (0, &custom("name", &functions)),
            (0, &custom(RELOCATIONS, &relocations)),
            (0, &custom("last", b"rest")),
        ])
    }

    fn operators(wasm: &[u8], function: usize) -> Vec<String> {
        let bodies = bodies(wasm).unwrap();
        let operators = bodies[function].get_operators_reader().unwrap();
        let names = operators
            .into_iter()
            .map(|operator| format!("{:?}", operator.unwrap()));
        names.filter(|name| name != "Nop").collect()
    }

    #[test]
    fn calls_that_panic_become_traps() {
        let wasm = without_messages(&example()).unwrap();
        assert_eq!(
            operators(&wasm, 2),
            ["Unreachable", "Unreachable", "End"],
            "the line before the panic goes with it"
        );
        let last = operators(&wasm, 3).join(" ");
        assert!(last.starts_with("Block"), "{last}");
        assert!(
            last.contains("BrIf { relative_depth: 0 } Unreachable Unreachable End"),
            "{last}"
        );
        assert!(last.ends_with("I32Const { value: 5 } Drop End"), "{last}");
    }

    #[test]
    fn relocations_of_what_is_gone_are_gone() {
        let wasm = without_messages(&example()).unwrap();
        let mut sections = Vec::new();
        for payload in Parser::new(0).parse_all(&wasm) {
            if let Payload::CustomSection(section) = payload.unwrap() {
                sections.push((section.name().to_owned(), section.data().to_vec()));
            }
        }
        assert_eq!(sections[1].0, RELOCATIONS);
        assert_eq!(sections[1].1, [3, 1, 4, 51, 3, 0]);
        assert_eq!(sections[2], ("last".to_owned(), b"rest".to_vec()));
    }

    #[test]
    fn functions_of_the_standard_library_are_told_by_their_names() {
        for name in [
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt",
            "_ZN4core6option13unwrap_failed17h0123456789abcdefE",
            "_ZN5alloc7raw_vec12handle_error17h0123456789abcdefE",
            "_ZN3std9panicking15begin_panic_fmt17h0123456789abcdefE",
        ] {
            assert!(is_of_std(name), "{name}");
        }
        for name in [
            "_ZN12wasm_bindgen9throw_str17h0123456789abcdefE",
            "_RNvNtCsgXGp5Oqx2Ny_12wasm_bindgen9throw_str",
            "mount",
        ] {
            assert!(!is_of_std(name), "{name}");
        }
    }

    #[test]
    fn a_function_that_may_return_is_no_panic() {
        let ends = |instructions: &[u8]| {
            let mut body = vec![0];
            body.extend_from_slice(instructions);
            never_returns(&FunctionBody::new(BinaryReader::new(&body, 0))).unwrap()
        };
        assert!(ends(&[0x00, 0x0b]));
        assert!(
            ends(&[0x02, 0x40, 0x0c, 0, 0x0b, 0x00, 0x0b]),
            "out of a block"
        );
        assert!(!ends(&[0x0b]));
        assert!(!ends(&[0x0f, 0x00, 0x0b]), "return");
        assert!(
            !ends(&[0x02, 0x40, 0x0c, 1, 0x0b, 0x00, 0x0b]),
            "out of all"
        );
    }

    #[test]
    fn another_form_is_noticed() {
        assert!(without_messages(b"\0asm\x01\0\0\0").is_err());
        let mut wasm = example();
        let name = wasm.windows(5).position(|part| part == b"4core").unwrap();
        wasm[name + 4] = b'a';
        assert!(without_messages(&wasm).is_err(), "no panic is known");
    }
}
