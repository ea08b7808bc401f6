use fake_openpai::{Config, FakeOpenPai, Scheduler};
use serde_json::{Value, json};

use crate::{error_code, get_as, json_as, start};

async fn start_default() -> FakeOpenPai {
    let config = Config {
        scheduler: Scheduler::Default,
        ..Config::default()
    };
    FakeOpenPai::start(config).await.unwrap()
}

fn names(mapping: &Value) -> Vec<&str> {
    let mapping = mapping.as_object().unwrap();
    mapping.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn hived_has_several_virtual_clusters_and_skus() {
    let server = start().await;
    let clusters = json_as(&server, "alice", "/api/v2/virtual-clusters").await;
    assert_eq!(names(&clusters), ["batch", "default", "nlp", "vision"]);
    for cluster in clusters.as_object().unwrap().values() {
        let of = |what: &str| cluster[what]["cpu"].as_u64().unwrap();
        assert!(of("resourcesUsed") <= of("resourcesGuaranteed"));
        assert!(of("resourcesGuaranteed") <= of("resourcesTotal"));
        assert_eq!(
            cluster["resourcesTotal"]["GPUs"],
            cluster["resourcesTotal"]["gpu"]
        );
    }
    // One cell is out of order.
    let default = json_as(&server, "alice", "/api/v2/virtual-clusters/default").await;
    assert_eq!(default, clusters["default"]);
    assert_eq!(default["resourcesTotal"]["gpu"], 16);
    assert_eq!(default["resourcesGuaranteed"]["gpu"], 15);

    let skus = json_as(&server, "alice", "/api/v2/cluster/sku-types").await;
    assert_eq!(names(&skus), ["A100", "CPU", "V100"]);
    assert_eq!(skus["V100"], json!({"cpu": 8, "memory": 57_344, "gpu": 1}));
    let own = json_as(&server, "alice", "/api/v2/cluster/sku-types?vc=vision").await;
    assert_eq!(names(&own), ["A100", "V100"]);
}

#[tokio::test]
async fn the_default_scheduler_has_one_virtual_cluster_and_no_skus() {
    let server = start_default().await;
    let clusters = json_as(&server, "bob", "/api/v2/virtual-clusters").await;
    assert_eq!(names(&clusters), ["default"]);
    assert_eq!(clusters["default"]["resourcesTotal"]["gpu"], 30);
    let skus = json_as(&server, "bob", "/api/v2/cluster/sku-types").await;
    assert_eq!(skus, json!({}));
    let bob = json_as(&server, "bob", "/api/v2/users/bob").await;
    assert_eq!(bob["virtualCluster"], json!(["default"]));
    let path = "/api/v2/cluster/sku-types?vc=default";
    let answer = get_as(&server, &server.token("bob"), path).await;
    assert_eq!(error_code(answer, 404).await, "NoVirtualClusterError");
}

#[tokio::test]
async fn machines_are_told_by_their_gpus() {
    let server = start().await;
    let nodes = json_as(&server, "carol", "/api/v2/virtual-clusters?nodes").await;
    let sum = |what: &str| -> u64 {
        let nodes = nodes.as_object().unwrap();
        nodes
            .values()
            .map(|node| node[what].as_u64().unwrap())
            .sum()
    };
    assert_eq!(
        (sum("gpuTotal"), sum("gpuUsed"), sum("gpuAvailable")),
        (32, 17, 14)
    );
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let server = start().await;
    for path in [
        "/api/v2/virtual-clusters/nowhere",
        "/api/v2/cluster/sku-types?vc=nowhere",
    ] {
        let answer = get_as(&server, &server.token("bob"), path).await;
        assert_eq!(error_code(answer, 404).await, "NoVirtualClusterError");
    }
}

#[tokio::test]
async fn storages_are_those_of_ones_groups() {
    let server = start().await;
    let storages = json_as(&server, "carol", "/api/v2/storages").await;
    assert_eq!(storages["storages"][0]["name"], "team-data");
    let none = json_as(&server, "bob", "/api/v2/storages").await;
    assert_eq!(none, json!({ "storages": [] }));
}
