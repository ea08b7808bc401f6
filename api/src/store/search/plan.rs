//! From a keyword to a condition and an order.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, LikeExpr};
use sea_orm::{Condition, ConnectionTrait, DbBackend, DbErr};

use super::pieces::{code, fold, is_slippable, of_word};
use super::vocabulary;
use crate::store::dialect;

/// Words beyond these narrow nothing down any more; they only make the
/// statement long.
const MAX_WORDS: usize = 16;

/// A keyword, looked up in the vocabulary: every one of its words must occur.
#[derive(Clone, Debug)]
pub(in crate::store) struct Plan {
    backend: DbBackend,
    words: Vec<Word>,
}

#[derive(Clone, Debug)]
struct Word {
    /// The word as it was asked for, and what it may have been meant to be.
    forms: Vec<String>,
    /// The item has a piece of each of these lists.
    codes: Vec<Vec<i64>>,
    /// The pieces do not say enough: the text itself must hold the word.
    read: bool,
}

impl Plan {
    /// Looks up the words of `keyword` as they are.
    pub(in crate::store) async fn exact<C: ConnectionTrait>(
        db: &C,
        keyword: &str,
    ) -> Result<Self, DbErr> {
        let mut words = Vec::new();
        for word in fold(keyword).split_whitespace().take(MAX_WORDS) {
            words.push(Word::exact(db, word).await?);
        }
        Ok(Self {
            backend: db.get_database_backend(),
            words,
        })
    }

    /// The same, forgiving one slip a word; nothing when there is no word that
    /// anything else comes near to.
    pub(in crate::store) async fn forgiving<C: ConnectionTrait>(
        &self,
        db: &C,
    ) -> Result<Option<Self>, DbErr> {
        let mut plan = self.clone();
        let mut changed = false;
        for word in &mut plan.words {
            changed |= word.forgive(db).await?;
        }
        Ok(changed.then_some(plan))
    }

    /// Whether the condition is one of `item_search`; otherwise it is one of
    /// `items` alone.
    pub(in crate::store) fn is_of_texts(&self) -> bool {
        dialect::has_code_reads_texts(self.backend) || self.words.iter().any(|word| word.read)
    }

    /// What holds for items that the keyword finds.
    pub(in crate::store) fn condition(&self) -> Condition {
        self.words.iter().fold(Condition::all(), |all, word| {
            all.add(word.condition(self.backend))
        })
    }

    /// How well a row of `item_search` fits: more is better. Each word counts
    /// where it stands best: in the name, at its beginning above all, then in
    /// a tag, then in summary or author, then in the description.
    pub(in crate::store) fn rank(&self) -> Expr {
        let ranks = self.words.iter().map(Word::rank);
        ranks.reduce(ExprTrait::add).unwrap_or_else(|| Expr::val(0))
    }
}

impl Word {
    async fn exact<C: ConnectionTrait>(db: &C, word: &str) -> Result<Self, DbErr> {
        let pieces = of_word(word);
        // One piece that is the word itself says it all.
        let mut read = pieces.iter().ne([word]);
        let mut codes = Vec::new();
        for piece in &pieces {
            match vocabulary::containing(db, piece).await? {
                Some(terms) => codes.push(terms.iter().map(|term| code(term)).collect()),
                None => read = true,
            }
        }
        Ok(Self {
            forms: vec![word.to_owned()],
            codes,
            read,
        })
    }

    async fn forgive<C: ConnectionTrait>(&mut self, db: &C) -> Result<bool, DbErr> {
        let [codes] = &mut self.codes[..] else {
            return Ok(false);
        };
        if self.read || !is_slippable(&self.forms[0]) {
            return Ok(false);
        }
        let meant = vocabulary::near(db, &self.forms[0]).await?;
        codes.extend(meant.iter().map(|term| code(term)));
        self.forms.extend(meant);
        Ok(self.forms.len() > 1)
    }

    fn condition(&self, backend: DbBackend) -> Condition {
        let mut condition = Condition::all();
        for codes in &self.codes {
            condition = condition.add(dialect::has_code(backend, codes));
        }
        if self.read {
            condition = condition.add(self.occurs_in("haystack"));
        }
        condition
    }

    fn rank(&self) -> Expr {
        let first = self.any_form(|form| column("name").like(pattern("", form)));
        CaseStatement::new()
            .case(first, 32)
            .case(self.occurs_in("name"), 24)
            .case(self.occurs_in("tags"), 12)
            .case(self.occurs_in("summary"), 5)
            .finally(1)
            .into()
    }

    fn occurs_in(&self, name: &'static str) -> Condition {
        self.any_form(|form| column(name).like(pattern("%", form)))
    }

    fn any_form(&self, test: impl Fn(&str) -> Expr) -> Condition {
        self.forms
            .iter()
            .fold(Condition::any(), |any, form| any.add(test(form)))
    }
}

fn column(name: &'static str) -> Expr {
    Expr::col(("item_search", name))
}

/// A pattern of `text` and whatever follows it; `%` and `_` in it are plain
/// characters.
fn pattern(before: &str, text: &str) -> LikeExpr {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push_str(before);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}
