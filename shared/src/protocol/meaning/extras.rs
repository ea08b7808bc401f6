use super::super::Code;
use super::super::findings::{Findings, Path};
use super::super::schema::RUNTIME_PLUGINS;
use super::super::yaml::Node;
use super::check_role_names;

/// `extras` is free inside, so what is odd about the parts OpenPAI reads is
/// only worth a warning.
pub(super) fn check(root: Node<'_>, findings: &mut Findings<'_>) {
    let Some(extras) = root.get("extras") else {
        return;
    };
    let path = Path::Root.key("extras");
    let is_mapping = |node: Node<'_>| node.is_mapping();
    let is_list = |node: Node<'_>| node.is_list();
    let mut expect =
        |node: Option<Node<'_>>, path: &Path<'_>, is_right: fn(Node<'_>) -> bool, wanted: &str| {
            if let Some(node) = node.filter(|node| !is_right(*node)) {
                findings.warn(
                    Code::WrongType,
                    node.span(),
                    path,
                    format!("OpenPAI reads this as {wanted}; it is something else"),
                );
            }
        };
    let is_text = |node: Node<'_>| node.as_str().is_some();
    expect(
        extras.get("submitFrom"),
        &path.key("submitFrom"),
        is_text,
        "the name of a plugin",
    );

    let plugins_path = path.key(RUNTIME_PLUGINS);
    expect(
        extras.get(RUNTIME_PLUGINS),
        &plugins_path,
        is_list,
        "a list of plugins",
    );
    for (index, plugin) in extras
        .get(RUNTIME_PLUGINS)
        .into_iter()
        .flat_map(Node::items)
        .enumerate()
    {
        let names_plugin = |node: Node<'_>| {
            node.get("plugin")
                .is_some_and(|name| name.as_str().is_some())
        };
        expect(
            Some(plugin),
            &plugins_path.index(index),
            names_plugin,
            "a mapping with `plugin`, a name, and `parameters`",
        );
    }

    let hived_path = path.key("hivedScheduler");
    let Some(hived) = extras.get("hivedScheduler") else {
        return;
    };
    expect(Some(hived), &hived_path, is_mapping, "a mapping");
    expect(
        hived.get("jobPriorityClass"),
        &hived_path.key("jobPriorityClass"),
        is_text,
        "the name of a priority class",
    );
    let roles_path = hived_path.key("taskRoles");
    expect(
        hived.get("taskRoles"),
        &roles_path,
        is_mapping,
        "a mapping of task roles",
    );
    if let Some(roles) = hived.get("taskRoles") {
        check_role_names(
            root,
            roles,
            "the scheduler cannot place it",
            &roles_path,
            findings,
        );
    }
}
