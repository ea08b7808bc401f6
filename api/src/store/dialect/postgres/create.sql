-- Keeps new items with all that belongs to them, and answers how many. None, if
-- a tag or category is not as it was said to be, or a key is missing that was
-- said to be there. The parameters are lists in JSON.
WITH held_tags AS MATERIALIZED (
    SELECT 1
    FROM tags
    JOIN json_to_recordset(CAST($2 AS json)) AS said (id text, name text, color text)
        ON tags.id = said.id AND tags.name = said.name AND tags.color IS NOT DISTINCT FROM said.color
    FOR KEY SHARE OF tags
),
held_categories AS MATERIALIZED (
    SELECT 1
    FROM categories
    JOIN json_to_recordset(CAST($3 AS json)) AS said (id text, name text)
        ON categories.id = said.id AND categories.name = said.name
    FOR KEY SHARE OF categories
),
new_items AS (
    INSERT INTO items
    SELECT given.*
    FROM json_populate_recordset(CAST(NULL AS items), CAST($1 AS json)) AS given
    WHERE (SELECT COUNT(*) FROM held_tags) = json_array_length(CAST($2 AS json))
        AND (SELECT COUNT(*) FROM held_categories) = json_array_length(CAST($3 AS json))
        AND (
            SELECT COUNT(*)
            FROM search_keys
            WHERE key IN (SELECT json_array_elements_text(CAST($4 AS json)))
        ) = json_array_length(CAST($4 AS json))
    RETURNING 1
),
new_item_tags AS (
    INSERT INTO item_tags (item_id, tag_id)
    SELECT tie ->> 0, tie ->> 1
    FROM json_array_elements(CAST($5 AS json)) AS tie
    WHERE EXISTS (SELECT 1 FROM new_items)
),
new_item_categories AS (
    INSERT INTO item_categories (item_id, category_id)
    SELECT tie ->> 0, tie ->> 1
    FROM json_array_elements(CAST($6 AS json)) AS tie
    WHERE EXISTS (SELECT 1 FROM new_items)
),
new_item_groups AS (
    INSERT INTO item_groups (item_id, name)
    SELECT tie ->> 0, tie ->> 1
    FROM json_array_elements(CAST($7 AS json)) AS tie
    WHERE EXISTS (SELECT 1 FROM new_items)
),
new_search AS (
    INSERT INTO item_search
    SELECT given.*
    FROM json_populate_recordset(CAST(NULL AS item_search), CAST($8 AS json)) AS given
    WHERE EXISTS (SELECT 1 FROM new_items)
),
new_keys AS (
    INSERT INTO search_keys (key, term)
    SELECT pair ->> 0, pair ->> 1
    FROM json_array_elements(CAST($9 AS json)) AS pair
    WHERE EXISTS (SELECT 1 FROM new_items)
    ON CONFLICT (key, term) DO NOTHING
),
new_lines AS (
    INSERT INTO audit (at, user_name, action, kind, target_id, target_name, details)
    SELECT at, user_name, action, kind, target_id, target_name, details
    FROM json_populate_recordset(CAST(NULL AS audit), CAST($10 AS json))
    WHERE EXISTS (SELECT 1 FROM new_items)
)
SELECT COUNT(*) FROM new_items
