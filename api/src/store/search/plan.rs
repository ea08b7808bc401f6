//! From a keyword to a condition and an order.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, LikeExpr};
use sea_orm::{Condition, ConnectionTrait, DbBackend, DbErr};

use super::pieces::{code, fold, is_slippable, of_word};
use super::{NAME_ENDS, SUMMARY_ENDS, TAGS_END, vocabulary};
use crate::store::dialect;
use crate::store::entity::items;
use crate::store::way::Way;

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
        let keyword = fold(keyword);
        // What is not seen only separates, as in texts.
        let between = |character: char| character.is_whitespace() || character.is_control();
        let given = keyword.split(between).filter(|word| !word.is_empty());
        for word in given.take(MAX_WORDS) {
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

    /// What holds for items that the keyword finds.
    pub(in crate::store) fn condition(&self, way: Option<Way>) -> Condition {
        self.words.iter().fold(Condition::all(), |all, word| {
            all.add(word.condition(self.backend, way))
        })
    }

    /// How well a row of `items` fits: more is better. Each word counts
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

    fn condition(&self, backend: DbBackend, way: Option<Way>) -> Condition {
        let mut condition = Condition::all();
        for codes in &self.codes {
            condition = condition.add(dialect::has_code(backend, way, codes));
        }
        if self.read {
            condition = condition.add(self.any_form(|form| pattern("%", form, "%")));
        }
        condition
    }

    fn rank(&self) -> Expr {
        // The places follow each other, and each ends with a sign of its own: a
        // word before that sign is in this place or in an earlier one, which was
        // asked for before.
        let before = |end: char| {
            let after = format!("%{end}%");
            self.any_form(|form| pattern("%", form, &after))
        };
        CaseStatement::new()
            .case(self.any_form(|form| pattern("", form, "%")), 32)
            .case(before(NAME_ENDS), 24)
            .case(before(TAGS_END), 12)
            .case(before(SUMMARY_ENDS), 5)
            .finally(1)
            .into()
    }

    /// Whether the text is like the pattern of any form.
    fn any_form(&self, pattern: impl Fn(&str) -> LikeExpr) -> Condition {
        let text = || Expr::col((items::Entity, items::Column::SearchText));
        self.forms.iter().fold(Condition::any(), |any, form| {
            any.add(text().like(pattern(form)))
        })
    }
}

/// A pattern of `text` between others; `%` and `_` in it are plain characters.
fn pattern(before: &str, text: &str, after: &str) -> LikeExpr {
    let mut pattern = String::with_capacity(before.len() + text.len() + after.len());
    pattern.push_str(before);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push_str(after);
    LikeExpr::new(pattern).escape('\\')
}
