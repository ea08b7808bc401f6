//! Taking over what a bundle holds, in the caller's transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Context, bail};
use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict, Query};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::wire::{AuditAction, AuditKind, Item};

use super::OPERATOR;
use super::read::{audit_row, rows_of_items, tag};
use super::rows::{
    AuditRow, CategoryRow, ExitAnswerRow, ItemRow, StarRow, StorageRow, TagRow, TemplateMark,
    VersionRow,
};
use crate::audit::{self, Target};
use crate::entity::{audit as lines, categories, items, stars, storages, tags, templates};
use crate::links::{LabelKind, lock};
use crate::runs;
use crate::secrets::Keyring;
use crate::storages::{CONNECTION_STRINGS, TOKENS, place};
use crate::versions::{self, Chain, Info, Reason};
use crate::{Transaction, create, dialect, items as store_items, search};

/// Conflicts of each kind that are named.
const NAMED: usize = 20;

/// How often tags are compared that others make meanwhile.
const TRIES: usize = 5;

/// What to do with what is here already and different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConflictRule {
    /// Change nothing at all and say what it is.
    #[default]
    Fail,
    /// Leave what is here as it is.
    Skip,
    /// Make it what the bundle says.
    Replace,
}

/// What became of the rows of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Made.
    pub created: u64,
    /// Made what the bundle says.
    pub replaced: u64,
    /// Here already, and the same.
    pub same: u64,
    /// Here already, different, and left as it is.
    pub kept: u64,
}

/// Which rows were different here.
#[derive(Clone, Debug, Default)]
pub struct Conflicts {
    /// The first of them, and how they are told apart.
    pub named: Vec<String>,
    /// How many there are.
    pub count: u64,
}

/// Takes over a bundle's rows. All of it is in one transaction, which the caller ends.
pub struct Importer<'a> {
    tx: &'a Transaction,
    rule: ConflictRule,
    /// What became of categories.
    pub categories: Count,
    /// What became of tags.
    pub tags: Count,
    /// What became of items.
    pub items: Count,
    /// What became of storages.
    pub storages: Count,
    /// Stars that came with items that were made or replaced.
    pub stars: Count,
    /// Versions that came with items that were made or replaced.
    pub versions: Count,
    /// What became of lines of the audit.
    pub audit: Count,
    /// What was different here.
    pub conflicts: Conflicts,
    /// The bundle's items that are here now as the bundle has them: they get their
    /// stars too. As digests, 16 bytes each.
    taken: HashSet<u128>,
    /// Items that have another id here: official templates.
    here_as: HashMap<String, String>,
    /// The item whose versions come, and the last of them.
    chain: Option<(String, Chain)>,
}

impl<'a> Importer<'a> {
    /// One that takes over rows in `tx`, and does by `rule` with what is different here.
    pub fn new(tx: &'a Transaction, rule: ConflictRule) -> Self {
        Self {
            tx,
            rule,
            categories: Count::default(),
            tags: Count::default(),
            items: Count::default(),
            storages: Count::default(),
            stars: Count::default(),
            versions: Count::default(),
            audit: Count::default(),
            conflicts: Conflicts::default(),
            taken: HashSet::new(),
            here_as: HashMap::new(),
            chain: None,
        }
    }

    /// What to do with a row that is different here: replace it or not.
    fn decide(&mut self, count: CountOf<'a>, what: String) -> anyhow::Result<bool> {
        if self.rule == ConflictRule::Fail {
            bail!(
                "{what} is here already, and different. --on-conflict skip leaves it as it is, --on-conflict replace \
                 makes it what the bundle says; nothing was imported"
            );
        }
        self.conflicts.count += 1;
        if self.conflicts.named.len() < NAMED {
            self.conflicts.named.push(what);
        }
        let replace = self.rule == ConflictRule::Replace;
        let count = count(self);
        if replace {
            count.replaced += 1;
        } else {
            count.kept += 1;
        }
        Ok(replace)
    }

    async fn record<D: AsRef<str>>(
        &self,
        action: AuditAction,
        target: Target<'_>,
        fields: &[D],
    ) -> anyhow::Result<()> {
        Ok(audit::record(self.tx, OPERATOR, action, target, fields).await?)
    }

    /// Takes over one row, which is new here, or differs in `fields` from one that has its
    /// id. `what` is how people call it.
    async fn take_over<E, A>(
        &mut self,
        count: CountOf<'a>,
        target: Target<'_>,
        what: String,
        fields: Option<Vec<&'static str>>,
        row: E::Model,
    ) -> anyhow::Result<()>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<A>,
        A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
    {
        let Some(fields) = fields else {
            count(self).created += 1;
            E::insert(row.into_active_model())
                .exec_without_returning(self.tx)
                .await?;
            return self
                .record(AuditAction::Create, target, &audit::NOTHING)
                .await;
        };
        if fields.is_empty() {
            count(self).same += 1;
        } else if self.decide(count, what)? {
            E::update(row.into_active_model().reset_all())
                .exec(self.tx)
                .await?;
            self.record(AuditAction::Update, target, &fields).await?;
        }
        Ok(())
    }

    /// Takes over categories, by name.
    pub async fn categories(&mut self, rows: Vec<CategoryRow>) -> anyhow::Result<()> {
        for row in rows {
            let found = categories::Entity::find()
                .filter(categories::Column::Name.eq(&*row.name))
                .lock(LockType::KeyShare)
                .one(self.tx)
                .await?;
            let fields = found.as_ref().map(|here| {
                audit::fields([
                    (here.description != row.description, "description"),
                    (here.extras != row.extras, "extras"),
                ])
            });
            let id = match found {
                Some(here) => here.id,
                None => match categories::Entity::find_by_id(&*row.id)
                    .one(self.tx)
                    .await?
                {
                    Some(_) => self.tx.new_id(),
                    None => row.id,
                },
            };
            let model = categories::Model {
                id: id.clone(),
                name: row.name.clone(),
                description: row.description,
                extras: row.extras,
                created_at: row.created_at,
                updated_at: row.updated_at,
            };
            let target = Target::of(AuditKind::Category, &id, &row.name);
            let what = format!("the category {:?}", row.name);
            self.take_over::<categories::Entity, _>(
                |s| &mut s.categories,
                target,
                what,
                fields,
                model,
            )
            .await?;
        }
        Ok(())
    }

    /// Takes over tags, by name; not more than some hundred at a time.
    pub async fn tags(&mut self, mut rows: Vec<TagRow>) -> anyhow::Result<()> {
        for _ in 0..TRIES {
            rows = self.try_tags(rows).await?;
            if rows.is_empty() {
                return Ok(());
            }
        }
        bail!(
            "others make and delete tags of the bundle all the time; nothing was imported, try again"
        )
    }

    /// Answers those that somebody else has made meanwhile: they are to be compared.
    async fn try_tags(&mut self, rows: Vec<TagRow>) -> anyhow::Result<Vec<TagRow>> {
        let backend = self.tx.get_database_backend();
        let column = |column, of: fn(&TagRow) -> String| {
            let values: Vec<String> = rows.iter().map(of).collect();
            dialect::among(backend, column, &values)
        };
        let found = tags::Entity::find()
            .filter(
                sea_orm::Condition::any()
                    .add(column("name", |row| row.name.clone()))
                    .add(column("id", |row| row.id.clone()))
                    .add(column("search_name", |row| search::fold(&row.name))),
            )
            // Keeps them from being renamed or deleted, and nobody from using them:
            // this transaction may last for minutes.
            .lock(LockType::KeyShare)
            .all(self.tx)
            .await?;
        let mut ids: HashSet<String> = found.iter().map(|tag| tag.id.clone()).collect();
        let mut folded: HashSet<String> = found.iter().map(|tag| tag.search_name.clone()).collect();
        let found: HashMap<String, tags::Model> = found
            .into_iter()
            .map(|tag| (tag.name.clone(), tag))
            .collect();
        let mut new = Vec::new();
        for row in rows {
            let Some(here) = found.get(&row.name) else {
                let mut model = tag_model(row.clone());
                if !ids.insert(model.id.clone()) {
                    model.id = self.tx.new_id();
                }
                // As for tags of old databases that differ in case only.
                if model.search_name.is_empty() || !folded.insert(model.search_name.clone()) {
                    model.search_name = format!("{}\u{1}{}", search::fold(&model.name), model.id);
                }
                new.push((row, model));
                continue;
            };
            let there = tag(here.clone());
            let fields = audit::fields([
                (there.color != row.color, "color"),
                (there.description != row.description, "description"),
                (there.extras != row.extras, "extras"),
                (there.explicit != row.explicit, "explicit"),
            ]);
            if fields.is_empty() {
                self.tags.same += 1;
            } else if self.decide(|s| &mut s.tags, format!("the tag {:?}", row.name))? {
                self.replace_tag(here, row, &fields).await?;
            }
        }
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let models = new
            .iter()
            .map(|(_, model)| model.clone().into_active_model());
        tags::Entity::insert_many(models)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.tx)
            .await?;
        let ids: Vec<&str> = new.iter().map(|(_, model)| &*model.id).collect();
        let made: HashSet<String> = tags::Entity::find()
            .select_only()
            .column(tags::Column::Id)
            .filter(dialect::among(backend, "id", &ids))
            .into_tuple()
            .all(self.tx)
            .await?
            .into_iter()
            .collect();
        let mut again = Vec::new();
        for (row, model) in new {
            if !made.contains(&model.id) {
                again.push(row);
                continue;
            }
            self.tags.created += 1;
            if model.is_explicit {
                let target = Target::of(AuditKind::Tag, &model.id, &model.name);
                self.record(AuditAction::Create, target, &audit::NOTHING)
                    .await?;
            }
        }
        Ok(again)
    }

    async fn replace_tag(
        &self,
        here: &tags::Model,
        row: TagRow,
        fields: &[&str],
    ) -> anyhow::Result<()> {
        // Their own rows hold a copy of the tag.
        let items = lock::items_with(self.tx, LabelKind::Tag, &here.id).await?;
        let model = tags::Model {
            id: here.id.clone(),
            search_name: here.search_name.clone(),
            ..tag_model(row)
        };
        tags::Entity::update(model.into_active_model().reset_all())
            .exec(self.tx)
            .await?;
        if fields.contains(&"color") {
            search::refresh(self.tx, &items).await?;
        }
        let target = Target::of(AuditKind::Tag, &here.id, &here.name);
        self.record(AuditAction::Update, target, fields).await
    }

    /// Takes over items, by id; a few megabytes at a time. Their tags and categories
    /// come before, their stars after them. All of them have been shown to
    /// [`Importer::templates`]: an item may be a copy of one that follows it.
    pub async fn items(&mut self, rows: Vec<ItemRow>) -> anyhow::Result<()> {
        self.templates(&rows).await?;
        let ids: Vec<String> = rows.iter().map(|row| self.id_here(&row.id)).collect();
        self.lock_items(&ids).await?;
        let found = rows_of_items(self.tx, &ids).await?;
        let mut found: HashMap<String, ItemRow> =
            found.into_iter().map(|row| (row.id.clone(), row)).collect();
        let mut new = ItemsToInsert::default();
        for (mut row, id) in rows.into_iter().zip(ids) {
            if let Some(origin) = &mut row.copied_from {
                origin.id = self.id_here(&origin.id);
            }
            if let Some(successor) = row
                .deprecation
                .as_mut()
                .and_then(|it| it.successor.as_mut())
            {
                *successor = self.id_here(successor);
            }
            let key = digest(&row.id);
            let Some(mut here) = found.remove(&id) else {
                self.items.created += 1;
                self.taken.insert(key);
                new.add(id, row, self.tx.now());
                continue;
            };
            // What it is, not when it came here, and as what.
            here.template.clone_from(&row.template);
            here.id.clone_from(&row.id);
            (here.created_at, here.updated_at) = (row.created_at, row.updated_at);
            let fields = audit::changed_fields(&here, &row);
            if fields.is_empty() {
                self.items.same += 1;
                if self.rule == ConflictRule::Replace {
                    self.taken.insert(key);
                }
                continue;
            }
            let name = here.name.as_deref().unwrap_or_default();
            let what = format!("the item {id:?}, {name:?}");
            if self.decide(|s| &mut s.items, what)? {
                self.taken.insert(key);
                self.replace_item(&id, row, &fields).await?;
            }
        }
        new.insert(self.tx).await
    }

    /// In place, so that whoever waits for the item still finds it. Its stars follow.
    async fn replace_item(&self, id: &str, row: ItemRow, fields: &[String]) -> anyhow::Result<()> {
        let tx = self.tx;
        let old = store_items::lock(tx, id, "").await?;
        let (created, updated) = (row.created_at, row.updated_at);
        let mark = row.template.clone();
        let answers = row.exit_answers.iter().map(ExitAnswerRow::pair);
        runs::replace_answers(tx, id, answers).await?;
        let item = row.into_item_to_create();
        let item = item.into_item(id.to_owned(), created, updated);
        store_items::update(tx, &item, &old).await?;
        versions::delete_all(tx, id).await?;
        items::Entity::update_many()
            .col_expr(items::Column::UseNumber, Expr::value(item.use_number))
            .col_expr(items::Column::StarNumber, Expr::value(0))
            .col_expr(items::Column::CreatedAt, Expr::value(created))
            .col_expr(items::Column::UpdatedAt, Expr::value(updated))
            .filter(items::Column::Id.eq(id))
            .exec(tx)
            .await?;
        stars::Entity::delete_many()
            .filter(stars::Column::ItemId.eq(id))
            .exec(tx)
            .await?;
        if let Some(mark) = mark {
            super::templates::remember(tx, &mark.name, id, &mark.digest).await?;
        }
        self.record(AuditAction::Update, (&item).into(), fields)
            .await
    }

    /// Looks for official templates among items that are here already, under another id:
    /// each is the same item.
    pub async fn templates(&mut self, rows: &[ItemRow]) -> anyhow::Result<()> {
        let marks = rows.iter().filter_map(|row| row.template.as_ref());
        let names: Vec<&String> = marks.map(|mark| &mark.name).collect();
        let there = Query::select()
            .column(items::Column::Id)
            .from(items::Entity)
            .to_owned();
        let known = templates::Entity::find()
            .filter(dialect::among(
                self.tx.get_database_backend(),
                "name",
                &names,
            ))
            .filter(templates::Column::ItemId.in_subquery(there))
            .all(self.tx)
            .await?;
        let known: HashMap<_, _> = known.into_iter().map(|t| (t.name, t.item_id)).collect();
        for row in rows {
            if let Some(id) = row.template.as_ref().and_then(|t| known.get(&t.name))
                && *id != row.id
            {
                self.here_as.insert(row.id.clone(), id.clone());
            }
        }
        Ok(())
    }

    fn id_here(&self, id: &str) -> String {
        self.here_as.get(id).map_or(id, String::as_str).to_owned()
    }

    /// Keeps others from changing what is about to be compared.
    async fn lock_items(&self, ids: &[String]) -> anyhow::Result<()> {
        items::Entity::find()
            .select_only()
            .column(items::Column::Id)
            .filter(dialect::among(self.tx.get_database_backend(), "id", ids))
            .order_by_asc(items::Column::Id)
            .lock_exclusive()
            .into_tuple::<String>()
            .all(self.tx)
            .await?;
        Ok(())
    }

    /// Takes over the stars of items that were taken over; not more than some hundred
    /// at a time. The items' numbers of stars follow.
    pub async fn stars(&mut self, rows: Vec<StarRow>) -> anyhow::Result<()> {
        let mut of_items = BTreeSet::new();
        let mut models = Vec::new();
        for row in rows {
            if !self.taken.contains(&digest(&row.item)) {
                self.stars.kept += 1;
                continue;
            }
            self.stars.created += 1;
            let item_id = self.id_here(&row.item);
            of_items.insert(item_id.clone());
            models.push(stars::Model {
                item_id,
                user_name: row.user,
                created_at: row.at,
            });
        }
        if models.is_empty() {
            return Ok(());
        }
        let columns = [stars::Column::ItemId, stars::Column::UserName];
        stars::Entity::insert_many(models.into_iter().map(IntoActiveModel::into_active_model))
            .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
            .exec_without_returning(self.tx)
            .await
            .context("a star is one of an item that the bundle does not hold")?;
        let count = Query::select()
            .expr(Expr::col(stars::Column::UserName).count())
            .from(stars::Entity)
            .and_where(
                Expr::col((stars::Entity, stars::Column::ItemId))
                    .equals((items::Entity, items::Column::Id)),
            )
            .to_owned();
        let ids: Vec<String> = of_items.into_iter().collect();
        let update = Query::update()
            .table(items::Entity)
            .value(items::Column::StarNumber, Expr::from(count))
            .and_where(dialect::among(self.tx.get_database_backend(), "id", &ids))
            .to_owned();
        self.tx.execute(&update).await?;
        Ok(())
    }

    /// Takes over the versions of items that were taken over, in the order of their items
    /// and numbers; a few megabytes at a time.
    pub async fn versions(&mut self, rows: Vec<VersionRow>) -> anyhow::Result<()> {
        for row in rows {
            if !self.taken.contains(&digest(&row.item)) {
                self.versions.kept += 1;
                continue;
            }
            let last = self.chain.take().filter(|(item, _)| *item == row.item);
            let id = self.id_here(&row.item);
            if last.is_none() {
                versions::delete_all(self.tx, &id).await?;
            }
            let info = Info {
                number: row.number,
                author: row.author,
                reason: Reason {
                    note: row.note,
                    restored_from: row.restored_from,
                },
                is_shared: row.shared,
                withdrawn: row.withdrawn.map(|it| (it.reason, it.at)),
                created_at: row.at,
            };
            let last = last.map(|(_, chain)| chain);
            let chain = versions::append(self.tx, &id, last, info, row.protocol)
                .await
                .context("a version is one of an item that the bundle does not hold")?;
            self.chain = Some((row.item, chain));
            self.versions.created += 1;
        }
        Ok(())
    }

    /// Takes over lines of the audit that are not here; not more than some hundred at
    /// a time.
    pub async fn audit(&mut self, rows: Vec<AuditRow>) -> anyhow::Result<()> {
        let times: BTreeSet<DateTime<Utc>> = rows.iter().map(|row| row.at).collect();
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            return Ok(());
        };
        // Times of other programs may be finer than ours.
        let found = lines::Entity::find()
            .filter(lines::Column::At.gte(*first))
            .filter(lines::Column::At.lt(*last + chrono::TimeDelta::milliseconds(1)))
            .all(self.tx)
            .await?;
        let mut here: HashMap<AuditRow, u64> = HashMap::new();
        for row in found {
            let mut row = audit_row(row);
            row.at = row.at.trunc_subsecs(3);
            *here.entry(row).or_default() += 1;
        }
        let mut new = Vec::new();
        for row in rows {
            match here.get_mut(&row) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    self.audit.same += 1;
                }
                _ => {
                    self.audit.created += 1;
                    new.push(audit::Line {
                        id: NotSet,
                        at: Set(row.at),
                        user_name: Set(row.user),
                        action: Set(row.action),
                        kind: Set(row.kind),
                        target_id: Set(row.target_id),
                        target_name: Set(row.target_name),
                        details: Set(Value::from(row.details).to_string()),
                    });
                }
            }
        }
        Ok(audit::insert(self.tx, new).await?)
    }

    /// Takes over storages, by id. Their secrets are opened with `keys` and kept under
    /// the first of them.
    ///
    /// # Errors
    /// When a secret cannot be read with these keys.
    pub async fn storages(&mut self, rows: Vec<StorageRow>, keys: &Keyring) -> anyhow::Result<()> {
        for row in rows {
            let id = row.id.clone();
            let open = |column, stored: &str| keys.open(&place(&id, column), stored);
            let secret = |column, stored: &str| {
                let plain = open(column, stored)
                    .with_context(|| format!("the storage {id:?} cannot be imported"))?;
                // A list, as those who use it will want.
                serde_json::from_str::<Vec<String>>(&plain)
                    .map_err(|_| anyhow::anyhow!("the storage {id:?} holds no list of secrets"))?;
                anyhow::Ok(plain)
            };
            let plain = [
                secret(CONNECTION_STRINGS, &row.connection_strings)?,
                secret(TOKENS, &row.tokens)?,
            ];
            let seal = |column, plain: &str| keys.seal(&place(&id, column), plain);
            let model = storages::Model {
                connection_strings: seal(CONNECTION_STRINGS, &plain[0])?,
                tokens: seal(TOKENS, &plain[1])?,
                users: Value::from(row.users).to_string(),
                id: row.id,
                kind: row.kind,
                storage_account: row.storage_account,
                container_name: row.container_name,
                created_at: row.created_at,
                updated_at: row.updated_at,
            };
            let found = storages::Entity::find_by_id(&*id)
                .lock_exclusive()
                .one(self.tx)
                .await?;
            let differs = |column, stored: &str, plain: &str| {
                open(column, stored).map_or(true, |here| here != plain)
            };
            let fields = found.as_ref().map(|here| {
                let strings = differs(CONNECTION_STRINGS, &here.connection_strings, &plain[0]);
                audit::fields([
                    (here.kind != model.kind, "type"),
                    (
                        here.storage_account != model.storage_account,
                        "storageAccount",
                    ),
                    (here.container_name != model.container_name, "containerName"),
                    (strings, "connectionStrings"),
                    (differs(TOKENS, &here.tokens, &plain[1]), "tokens"),
                    (here.users != model.users, "users"),
                ])
            });
            let name = format!("{}/{}", model.storage_account, model.container_name);
            let target = Target::of(AuditKind::Storage, &id, &name);
            let what = format!("the storage {id:?}, {name:?}");
            self.take_over::<storages::Entity, _>(|s| &mut s.storages, target, what, fields, model)
                .await?;
        }
        Ok(())
    }
}

/// Which of the importer's numbers are of a kind of rows.
type CountOf<'a> = for<'s> fn(&'s mut Importer<'a>) -> &'s mut Count;

/// Items on their way into the database.
#[derive(Default)]
struct ItemsToInsert {
    items: Vec<Item>,
    times: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    audit: Vec<audit::Line>,
    marks: Vec<(TemplateMark, String)>,
    answers: Vec<(String, Vec<ExitAnswerRow>)>,
}

impl ItemsToInsert {
    fn add(&mut self, id: String, mut row: ItemRow, at: DateTime<Utc>) {
        let answers = std::mem::take(&mut row.exit_answers);
        if !answers.is_empty() {
            self.answers.push((id.clone(), answers));
        }
        self.times.push((row.created_at, row.updated_at));
        let mark = row.template.clone();
        self.marks.extend(mark.map(|mark| (mark, id.clone())));
        let (created, updated) = (row.created_at, row.updated_at);
        let item = row.into_item_to_create().into_item(id, created, updated);
        self.audit.push(audit::created(at, OPERATOR, &item));
        self.items.push(item);
    }

    async fn insert(mut self, tx: &Transaction) -> anyhow::Result<()> {
        let index = search::Index::of(&self.items);
        create::insert(tx, &mut self.items, &self.times, index, self.audit).await?;
        for (item_id, answers) in self.answers {
            let answers = answers.iter().map(ExitAnswerRow::pair);
            runs::replace_answers(tx, &item_id, answers).await?;
        }
        for (mark, item_id) in self.marks {
            super::templates::remember(tx, &mark.name, &item_id, &mark.digest).await?;
        }
        Ok(())
    }
}

/// The row of a tag; without a folded name if that is another tag's.
fn tag_model(row: TagRow) -> tags::Model {
    tags::Model {
        search_name: if row.variant {
            String::new()
        } else {
            search::fold(&row.name)
        },
        id: row.id,
        name: row.name,
        is_explicit: row.explicit,
        color: row.color,
        description: row.description,
        extras: row.extras,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn digest(id: &str) -> u128 {
    let digest = Sha256::digest(id);
    digest
        .iter()
        .take(16)
        .fold(0, |number, byte| number << 8 | u128::from(*byte))
}
