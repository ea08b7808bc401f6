//! From a keyword to a condition and an order.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query};
use sea_orm::{Condition, ConnectionTrait, DbBackend, DbErr};

use super::tokenizer::{allows_a_slip, code, fold, is_letter, of_word};
use super::{NAME_ENDS, SUMMARY_ENDS, TAGS_END, vocabulary};
use crate::dialect;
use crate::listing::scan_strategy::ScanStrategy;

/// Words beyond these narrow nothing down any more; they only make the
/// statement long.
const MAX_WORDS: usize = 16;

/// Tokens of one word that are looked up: a word of hundreds of ideographs or signs has
/// as many, and is looked for in the texts anyway.
const MAX_TOKENS: usize = 4;

/// A keyword, looked up in the vocabulary: every one of its words must occur.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    backend: DbBackend,
    words: Vec<Word>,
    /// The most texts that are read for [`Plan::reading`]; all without it.
    pub(crate) most_read: Option<u64>,
}

#[derive(Clone, Debug)]
struct Word {
    /// The word as it was asked for, and what it may have been meant to be.
    forms: Vec<String>,
    /// The item has a token of each of these lists.
    codes: Vec<Vec<i64>>,
    /// The tokens do not say enough: the text itself must hold the word.
    read: bool,
}

impl Plan {
    /// Looks up the words of `keyword` as they are.
    pub(crate) async fn exact<C: ConnectionTrait>(db: &C, keyword: &str) -> Result<Self, DbErr> {
        let mut words = Vec::new();
        for word in given(&fold(keyword)) {
            words.push(Word::exact(db, word).await?);
        }
        Ok(Self {
            backend: db.get_database_backend(),
            words,
            most_read: None,
        })
    }

    /// The same, forgiving one slip a word: it may have been meant to be one that stands
    /// in an item for which `visible` holds. Nothing when there is no such word.
    pub(crate) async fn forgiving<C: ConnectionTrait>(
        &self,
        db: &C,
        visible: &Condition,
    ) -> Result<Option<Self>, DbErr> {
        let mut plan = self.clone();
        let mut changed = false;
        for word in &mut plan.words {
            changed |= word.forgive(db, visible).await?;
        }
        Ok(changed.then_some(plan))
    }

    /// Whether texts must be read to tell whether the keyword finds them.
    pub(crate) fn reads(&self) -> bool {
        self.words.iter().any(|word| word.read)
    }

    /// What holds for items that the keyword finds, as far as their codes tell.
    pub(crate) fn narrowing(&self, strategy: Option<ScanStrategy>) -> Condition {
        let codes = self.words.iter().flat_map(|word| &word.codes);
        codes.fold(Condition::all(), |all, codes| {
            all.add(dialect::has_code(self.backend, strategy, codes))
        })
    }

    /// What holds for the texts of items that the keyword finds, as far as codes do not
    /// tell: to be asked of few, because it reads them.
    pub(crate) fn reading(&self) -> Condition {
        let words = self.words.iter().filter(|word| word.read);
        let holds = |form: &String| dialect::position(self.backend, form).gt(0);
        let of_word = |word: &Word| word.forms.iter().map(holds).reduce(ExprTrait::or);
        let all = words.filter_map(of_word).reduce(ExprTrait::and);
        Condition::all().add_option(all.map(|all| dialect::of_text(self.backend, all)))
    }

    /// How well a row of `items` fits: more is better. Each word counts
    /// where it stands best: in the name, at its beginning above all, then in
    /// a tag, then in summary or author, then in the description.
    pub(crate) fn rank(&self) -> Expr {
        // The places follow each other, and each ends with a sign of its own: a
        // word before that sign is in this place or in an earlier one.
        let mut positions = Query::select();
        for (index, end) in [NAME_ENDS, TAGS_END, SUMMARY_ENDS].iter().enumerate() {
            let end = dialect::position(self.backend, end.encode_utf8(&mut [0; 4]));
            positions.expr_as(end, format!("end{index}"));
        }
        let end = |index: usize| Expr::col(format!("end{index}"));
        let mut rank: Option<Expr> = None;
        for (number, word) in self.words.iter().enumerate() {
            let forms: Vec<String> = (0..word.forms.len())
                .map(|form| format!("word{number}_{form}"))
                .collect();
            for (form, column) in word.forms.iter().zip(&forms) {
                positions.expr_as(dialect::position(self.backend, form), column.clone());
            }
            let any = |holds: &dyn Fn(Expr) -> Expr| {
                let forms = forms.iter();
                forms.fold(Condition::any(), |any, form| {
                    any.add(holds(Expr::col(form.clone())))
                })
            };
            let of_word: Expr = CaseStatement::new()
                .case(any(&|position| position.eq(1)), 32)
                .case(any(&|position| position.between(1, end(0))), 24)
                .case(any(&|position| position.between(1, end(1))), 12)
                .case(any(&|position| position.between(1, end(2))), 5)
                .finally(1)
                .into();
            rank = Some(match rank {
                Some(rank) => rank.add(of_word),
                None => of_word,
            });
        }
        let Some(rank) = rank else {
            return Expr::val(0);
        };
        dialect::from_text(self.backend, &mut positions);
        // The limit keeps databases from looking for a word anew wherever its position is
        // named.
        Query::select()
            .expr(rank)
            .from_subquery(positions.limit(1).to_owned(), "positions")
            .to_owned()
            .into()
    }
}

/// The words of a folded keyword: each once, and none that is a part of another one,
/// which says more.
fn given(keyword: &str) -> Vec<&str> {
    // What is not seen only separates, as in texts.
    let between = |character: char| character.is_whitespace() || character.is_control();
    let all: Vec<&str> = keyword
        .split(between)
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .collect();
    let says_less = |index: usize, word: &str| {
        all.iter().enumerate().any(|(other, longer)| {
            longer.contains(word) && (longer.len() > word.len() || other < index)
        })
    };
    let words = all.iter().enumerate();
    words
        .filter(|(index, word)| !says_less(*index, word))
        .map(|(_, word)| *word)
        .collect()
}

impl Word {
    async fn exact<C: ConnectionTrait>(db: &C, word: &str) -> Result<Self, DbErr> {
        let tokens = of_word(word);
        // One token that is the word itself says it all.
        let mut read = tokens.iter().ne([word]);
        let mut codes = Vec::new();
        for token in tokens.iter().take(MAX_TOKENS) {
            if is_letter(token) {
                read = true;
                continue;
            }
            match vocabulary::containing(db, token).await? {
                Some(found) => codes.push(found),
                None => read = true,
            }
        }
        Ok(Self {
            forms: vec![word.to_owned()],
            codes,
            read,
        })
    }

    async fn forgive<C: ConnectionTrait>(
        &mut self,
        db: &C,
        visible: &Condition,
    ) -> Result<bool, DbErr> {
        let [codes] = &mut self.codes[..] else {
            return Ok(false);
        };
        if self.read || !allows_a_slip(&self.forms[0]) {
            return Ok(false);
        }
        let meant = vocabulary::near(db, &self.forms[0], visible).await?;
        codes.extend(meant.iter().map(|term| code(term)));
        self.forms.extend(meant);
        Ok(self.forms.len() > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_another_one_holds_says_nothing() {
        assert_eq!(
            given("a pytorch torch data a set"),
            ["pytorch", "data", "set"]
        );
        assert_eq!(given("x x"), ["x"]);
        assert_eq!(given(" \t"), [""; 0]);
        let many: Vec<String> = (10..99).map(|n| n.to_string()).collect();
        assert_eq!(given(&many.join(" ")).len(), MAX_WORDS);
    }
}
