//! Where the images lie: a store of buildah's and podman's of our own, in cargo's build
//! folder, which a container engine on this machine does not get to see.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::workspace::Workspace;

/// Sockets, locks and mounts of podman; `inside.sh` makes /run an empty one, as after a
/// start of the machine.
const RUN: &str = "/run/marketplace-images";
/// Settings of the store for buildah, which runs outside of the namespaces.
const OUTSIDE: &str = "storage-outside.conf";
/// Settings of the store for podman, which runs inside.
const INSIDE: &str = "storage-inside.conf";

/// Some 4 GB: each new server leaves the layers with the old one behind. All of them are
/// made anew within two minutes.
const MOST_LAYERS: usize = 100;

/// The Dockerfile's base.
const BASE: &str = "docker.io/library/debian:12.12-slim";

/// Images that deploy/compose.yaml names and that cannot be had without a registry, each
/// with the folder of its stand-in: the same programs, from Debian.
const STAND_INS: [(&str, &str); 2] = [
    ("docker.io/library/postgres:15.14-bookworm", "postgres"),
    ("docker.io/library/nginx:1.28.0-bookworm", "nginx"),
];

/// How our own images are called.
pub(super) fn name_of(target: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("docker.io/openpai/pai-marketplace-{target}:v{version}")
}

/// The store and how to use it.
pub(super) struct Store {
    /// What ends with the run.
    run: TempDir,
    folder: PathBuf,
}

impl Store {
    pub(super) fn open(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target.join("xtask/images");
        let layers = fs::read_dir(folder.join("store/overlay")).map_or(0, Iterator::count);
        if layers > MOST_LAYERS {
            println!("Emptying {}", workspace.shown(&folder));
            fs::remove_dir_all(folder.join("store"))?;
        }
        fs::create_dir_all(&folder)?;
        let run = tempfile::Builder::new()
            .prefix("marketplace-images-")
            .tempdir()?;
        let write = |name: &str, text: String| fs::write(folder.join(name), text);
        write(
            "containers.conf",
            format!(
                "[containers]\n\
                 default_ulimits = [\"nofile=4096:4096\", \"nproc=4096:4096\"]\n\
                 [engine]\n\
                 cgroup_manager = \"cgroupfs\"\n\
                 events_logger = \"file\"\n\
                 runtime = \"runc\"\n\
                 tmp_dir = \"{RUN}/libpod\"\n\
                 [network]\n\
                 network_backend = \"netavark\"\n\
                 network_config_dir = \"{RUN}/networks\"\n"
            ),
        )?;
        for (name, run) in [
            (OUTSIDE, run.path().join("storage")),
            (INSIDE, Path::new(RUN).join("storage")),
        ] {
            write(
                name,
                format!(
                    "[storage]\ndriver = \"overlay\"\ngraphroot = \"{}/store\"\nrunroot = \"{}\"\n",
                    folder.display(),
                    run.display()
                ),
            )?;
        }
        write(
            "registries.conf",
            "unqualified-search-registries = [\"docker.io\"]\n".to_owned(),
        )?;
        Ok(Self { run, folder })
    }

    /// What makes podman use it, inside of the namespaces.
    pub(super) fn environment(&self) -> [(&'static str, PathBuf); 3] {
        self.environment_with(INSIDE)
    }

    fn environment_with(&self, storage: &str) -> [(&'static str, PathBuf); 3] {
        [
            ("CONTAINERS_CONF", self.folder.join("containers.conf")),
            ("CONTAINERS_STORAGE_CONF", self.folder.join(storage)),
            (
                "CONTAINERS_REGISTRIES_CONF",
                self.folder.join("registries.conf"),
            ),
        ]
    }

    pub(super) fn buildah<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new("buildah");
        command.args(arguments).envs(self.environment_with(OUTSIDE));
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
        build.arg(folder);
        workspace.quietly("images-stand-in", &format!("building {image}"), &mut build)
    }

    /// Builds a target of the Dockerfile, whose stage `build` is in `built`.
    pub(super) fn build(&self, workspace: &Workspace, target: &str, built: &Path) -> Result<()> {
        let mut context = std::ffi::OsString::from("build=");
        context.push(built);
        let mut bud = self.bud(&name_of(target));
        bud.args(["--target", target, "--build-context"])
            .arg(context)
            .arg("--file")
            .arg(workspace.root.join("Dockerfile"))
            .arg(built);
        let log = format!("images-build-{target}");
        workspace.quietly(&log, &format!("building the image {target}"), &mut bud)
    }

    fn bud(&self, image: &str) -> Command {
        // Health checks are in docker's format only.
        let options = [
            "bud",
            "--pull-never",
            "--isolation=chroot",
            "--format=docker",
        ];
        let mut command = self.buildah(options);
        command.args(["--layers", "--tag", image]);
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
