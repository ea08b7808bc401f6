//! Where the images lie: a store of buildah's and podman's of our own, in cargo's build
//! folder, which a container engine on this machine does not get to see.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::workspace::Workspace;

/// The Dockerfile's base.
const BASE: &str = "docker.io/library/debian:12.12-slim";

/// Images that deploy/compose.yaml names and that cannot be had without a registry, each
/// with the folder of its stand-in: the same programs, from Debian.
const STAND_INS: [(&str, &str); 2] = [
    ("docker.io/library/postgres:15.14-bookworm", "postgres"),
    (
        "docker.io/nginxinc/nginx-unprivileged:1.28.0-bookworm",
        "nginx",
    ),
];

/// How our own images are called.
pub(super) fn name_of(target: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("docker.io/openpai/pai-marketplace-{target}:v{version}")
}

/// The store and how to use it.
pub(super) struct Store {
    /// Sockets, locks and what else ends with the run.
    run: TempDir,
    folder: PathBuf,
}

impl Store {
    pub(super) fn open(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target.join("xtask/images");
        fs::create_dir_all(&folder)?;
        let run = tempfile::Builder::new()
            .prefix("marketplace-images-")
            .tempdir()?;
        let store = Self { run, folder };
        let write = |name: &str, text: String| fs::write(store.run.path().join(name), text);
        write(
            "containers.conf",
            format!(
                "[containers]\n\
                 default_ulimits = [\"nofile=4096:4096\", \"nproc=4096:4096\"]\n\
                 [engine]\n\
                 cgroup_manager = \"cgroupfs\"\n\
                 events_logger = \"file\"\n\
                 runtime = \"runc\"\n\
                 tmp_dir = \"{run}/libpod\"\n\
                 [network]\n\
                 network_backend = \"netavark\"\n\
                 network_config_dir = \"{run}/networks\"\n",
                run = store.run.path().display()
            ),
        )?;
        write(
            "storage.conf",
            format!(
                "[storage]\ndriver = \"overlay\"\ngraphroot = \"{}/store\"\nrunroot = \"{}/storage\"\n",
                store.folder.display(),
                store.run.path().display()
            ),
        )?;
        write(
            "registries.conf",
            "unqualified-search-registries = [\"docker.io\"]\n".to_owned(),
        )?;
        Ok(store)
    }

    /// What makes buildah and podman use it.
    pub(super) fn environment(&self) -> [(&'static str, PathBuf); 3] {
        let file = |name: &str| self.run.path().join(name);
        [
            ("CONTAINERS_CONF", file("containers.conf")),
            ("CONTAINERS_STORAGE_CONF", file("storage.conf")),
            ("CONTAINERS_REGISTRIES_CONF", file("registries.conf")),
        ]
    }

    pub(super) fn buildah<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new("buildah");
        command.args(arguments).envs(self.environment());
        command
    }

    fn has(&self, image: &str) -> bool {
        self.buildah(["inspect", "--type=image", image])
            .output()
            .is_ok_and(|output| output.status.success())
    }

    /// Makes the base of Debian's packages, as Debian's own image is made.
    pub(super) fn provide_base(&self, workspace: &Workspace) -> Result<()> {
        if self.has(BASE) {
            return Ok(());
        }
        println!("Making {BASE} of Debian's packages (first time only, half a minute)");
        let archive = self.run.path().join("base.tar");
        let mut debian = Command::new("mmdebstrap");
        debian
            .args(["--variant=minbase", "--include=ca-certificates", "bookworm"])
            .arg(&archive);
        workspace.quietly("images-base", "making a base image", &mut debian)?;
        let recipe = self.run.path().join("base");
        fs::create_dir(&recipe)?;
        fs::rename(&archive, recipe.join("base.tar"))?;
        let text = "FROM scratch\nADD base.tar /\nCMD [\"bash\"]\n";
        fs::write(recipe.join("Dockerfile"), text)?;
        self.build_folder(workspace, BASE, &recipe)
    }

    /// Makes what stands for images of others.
    pub(super) fn provide_stand_ins(&self, workspace: &Workspace) -> Result<()> {
        for (image, folder) in STAND_INS {
            let folder = workspace.root.join("tests/images").join(folder);
            self.build_folder(workspace, image, &folder)?;
        }
        Ok(())
    }

    fn build_folder(&self, workspace: &Workspace, image: &str, folder: &Path) -> Result<()> {
        let mut build = self.bud(image);
        build.args(["--layers"]).arg(folder);
        workspace.quietly("images-stand-in", &format!("building {image}"), &mut build)
    }

    /// Builds a target of the Dockerfile, whose stage `build` is in `built`.
    pub(super) fn build(&self, workspace: &Workspace, target: &str, built: &Path) -> Result<()> {
        let mut context = std::ffi::OsString::from("build=");
        context.push(built);
        let mut bud = self.bud(&name_of(target));
        bud.args(["--target", target, "--format=docker", "--build-context"])
            .arg(context)
            .arg("--file")
            .arg(workspace.root.join("Dockerfile"))
            .arg(built);
        let log = format!("images-build-{target}");
        workspace.quietly(&log, &format!("building the image {target}"), &mut bud)
    }

    fn bud(&self, image: &str) -> Command {
        let mut command = self.buildah(["bud", "--pull-never", "--isolation=chroot"]);
        command.args(["--tag", image]);
        command
    }

    /// Builds the Dockerfile in `folder`, in which `context` is, and answers the names of
    /// all files in the image.
    pub(super) fn files_of(&self, dockerfile: &Path, context: &Path) -> Result<String> {
        let image = "localhost/marketplace-context:latest";
        let mut build = self.bud(image);
        build.arg("--file").arg(dockerfile).arg(context);
        let list = self.run.path().join("list.tar");
        let mut push = self.buildah(["push", image]);
        push.arg(format!("docker-archive:{}", list.display()));
        for mut command in [build, push] {
            let output = command.output().context("cannot start buildah")?;
            anyhow::ensure!(
                output.status.success(),
                "{command:?} failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        // An archive of archives, one a layer.
        let unpacked = self.run.path().join("list");
        fs::create_dir_all(&unpacked)?;
        let mut names = String::new();
        tar(
            &["--extract", "--directory"],
            &[&unpacked, Path::new("--file"), &list],
        )?;
        for entry in fs::read_dir(&unpacked)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "tar") {
                names += &tar(&["--list", "--file"], &[&path])?;
            }
        }
        Ok(names)
    }
}

fn tar(arguments: &[&str], paths: &[&Path]) -> Result<String> {
    let output = Command::new("tar").args(arguments).args(paths).output()?;
    anyhow::ensure!(output.status.success(), "tar cannot read an image");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
