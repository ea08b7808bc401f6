//! What looks like a secret and is none.

use super::shapes::{ALNUM, BASE64, Chance, HEX};

/// Each with the key it stands under, if that matters.
pub(crate) fn all() -> Vec<(Option<&'static str>, String)> {
    let mut chance = Chance::new(0x100f_a11c);
    let mut texts: Vec<String> = Vec::new();
    // Digests, identifiers and pictures.
    for template in [
        "pip install thing --hash=sha256:{64}",
        "image@sha256:{64}",
        "echo '{64}  data.tar' | sha256sum -c",
        "git checkout {40}",
        "pip install git+https://github.com/team/code@{40}",
        "commit = \"{40}\"",
        "md5sum: {32}",
        "--revision {40}",
        "revision=\"{40}\"",
        "ETag: \"{32}\"",
        "checksum={64}",
        "https://host.test/blob/{40}/setup.py",
        "cache_key={32}",
        "run_id={32}",
        "docker pull team/image@sha256:{64}",
        "FROM ubuntu@sha256:{64}",
        "\"digest\": \"sha256:{64}\"",
        "HASH={40}",
        "git reset --hard {40}",
        "build-{12}",
        "layer {64}: Pull complete",
        "trace_id: {32}",
        "public_key={64}",
        "primary_key = '{32}'",
        "sort_key: {32}",
        "fingerprint={40}",
        "sha1={40}",
        "blake2={64}",
        "git show {8}",
        "https://host.test/{32}.tar.gz",
        "uuid={8}-{4}-4{3}-a{3}-{12}",
        "job {8}-{4}-4{3}-a{3}-{12}",
        "subscription_id={8}-{4}-4{3}-a{3}-{12}",
        "--tenant {8}-{4}-4{3}-b{3}-{12}",
        "/subscriptions/{8}-{4}-4{3}-9{3}-{12}/groups",
        "experiment: {8}-{4}-4{3}-8{3}-{12}",
        "wandb.init(id='{8}')",
        "wandb run {8}",
        "wandb.init(resume='{8}')",
        "x-request-id: {8}-{4}-4{3}-a{3}-{12}",
        "ssh-keygen -l  # MD5:{32}",
        "checkpoint-{40}.bin",
        "model-{32}.safetensors",
    ] {
        for _ in 0..2 {
            texts.push(fill(template, HEX, &mut chance));
        }
    }
    for template in [
        "data:image/png;base64,{300}",
        "<img src=\"data:image/jpeg;base64,{200}\">",
        "echo {120} | base64 -d > script.sh",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{43} team@host",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ{300} team@host",
        "-----BEGIN CERTIFICATE-----\n{64}\n{64}\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\n{64}\n{64}\n-----END PUBLIC KEY-----",
        "sha384-{64}",
        "integrity=\"sha512-{86}==\"",
        "encoded = b'{80}'",
        "{64}",
    ] {
        for _ in 0..2 {
            texts.push(fill(template, BASE64, &mut chance));
        }
    }
    for template in [
        "https://youtu.be/{11}",
        "https://docs.google.com/d/{44}/edit",
        "gdown 1{32}",
        "gdown --id 1{32}",
        "https://drive.google.com/uc?id=1{32}",
        "https://1drv.ms/u/s!A{20}",
        "https://pan.test/s/1{22}",
        "/tmp/tmp.{10}",
        "train-{6}",
    ] {
        for _ in 0..2 {
            texts.push(fill(template, ALNUM, &mut chance));
        }
    }
    // What only stands for a secret, or names one.
    texts.extend(
        [
            "export HF_TOKEN=<% $secrets.hf_token %>",
            "docker login -u team -p <% $secrets.docker_password %>",
            "export HF_TOKEN=$HF_TOKEN",
            "TOKEN=${HF_TOKEN:-}",
            "TOKEN=$(cat /run/secrets/token)",
            "export TOKEN=`cat token`",
            "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_000000000000000000000000000000000000",
            "AKIAIOSFODNN7EXAMPLE",
            "export WANDB_API_KEY=<your key>",
            "WANDB_API_KEY=your_wandb_api_key_goes_here",
            "password=********",
            "--password \"$PASSWORD\"",
            "sshpass -p \"$PASSWORD\" ssh host",
            "sshpass -e ssh host",
            "sshpass -f /root/pass ssh host",
            "mysql -p -u root",
            "mysql -p$MYSQL_PASSWORD",
            "mysql -P3306 -h host",
            "curl -u \"$USER:$PASSWORD\" https://host.test",
            "curl -u team https://host.test",
            "git clone https://$TOKEN@github.com/team/code.git",
            "git clone https://${GIT_USER}:${GIT_TOKEN}@github.com/team/code.git",
            "git clone git@github.com:team/code.git",
            "git clone ssh://git@github.com/team/code.git",
            "git clone https://USER:<% $secrets.github_token %>@github.com/team/code.git",
            "git clone https://user:password@host.test/code.git",
            "postgres://user:password@localhost/db",
            "postgres://user:pass@localhost/db",
            "http://user:changeme@host.test",
            "redis://localhost:6379/0",
            "http://localhost:8888/?token=",
            "jupyter lab --NotebookApp.token=''",
            "jupyter notebook --NotebookApp.password=''",
            "jupyter lab --IdentityProvider.token=\"$JUPYTER_TOKEN\"",
            "token = tokenizer.encode(text)",
            "token = os.environ[\"HF_TOKEN\"]",
            "api_key=os.getenv(\"API_KEY\")",
            "api_key = getpass.getpass(\"key: \")",
            "password = args.password",
            "password: str = Field(...)",
            "secret = load_secret(path)",
            "pad_token=tokenizer.eos_token",
            "tokenizer.pad_token = \"<|endoftext|>\"",
            "eos_token=\"<|im_end|>\"",
            "bos_token: <s>",
            "--max_tokens 4096",
            "--max-new-tokens=1024",
            "max_position_embeddings=131072",
            "--tokenizer meta-llama/Meta-Llama-3-8B-Instruct",
            "token_type_ids = None",
            "num_tokens=1000000000000000",
            "next_token: abc",
            "--token-file /mnt/token",
            "--password-file=/run/secrets/db1",
            "password_file: /etc/pass1word.txt",
            "TOKEN_PATH=/var/run/secrets/kubernetes.io/serviceaccount/token",
            "--api-key-env OPENAI_API_KEY",
            "secretName: team-registry-credentials-v2",
            "imagePullSecrets: [{name: regcred-2024-01}]",
            "SECRET_NAME=team-db-secret-2024",
            "docker login -u team",
            "docker login --password-stdin",
            "docker run -p 8080:80 nginx",
            "docker run -p 127.0.0.1:8080:8080 team/image",
            "ssh -p 2222 team@host",
            "scp -P 22 a host:",
            "mkdir -p /mnt/data/Model1Checkpoints",
            "cp -p a1b2c3d4 e5f6",
            "nmap -p 1-65535 host",
            "tar -xzf Data2024Set.tgz",
            "wandb login",
            "wandb login --relogin",
            "wandb login $WANDB_API_KEY",
            "wandb offline",
            "huggingface-cli login --token $HF_TOKEN",
            "huggingface-cli login",
            "az login --identity",
            "az login -p \"$SP_PASSWORD\"",
            "unzip -P \"$ZIP\" a.zip",
            "echo done | tee log",
            "echo \"$TOKEN\" | docker login --password-stdin",
            "echo password1",
            "echo root:root | chpasswd",
            "curl -H \"Authorization: Bearer $TOKEN\" https://host.test",
            "curl -H 'Authorization: Bearer <token>' https://host.test",
            "headers = {'Authorization': f'Bearer {token}'}",
            "Authorization: Basic",
            "X-Api-Key: ${KEY}",
            "bert-base-uncased-finetuned-sst-2-english",
            "Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4",
            "meta-llama/Llama-3.2-11B-Vision-Instruct",
            "stabilityai/stable-diffusion-xl-base-1.0",
            "openai/whisper-large-v3-turbo",
            "sk-learn",
            "sk-image==0.22",
            "task-0123456789abcdef0123456789abcdef",
            "disk-9f86d081884c7d659a2feaa0c55ad015",
            "hf_hub_download(repo_id='team/x')",
            "hf_model_name=t5-v1_1-xxl-encoder-bf16",
            "hf_transfer==0.1.8",
            "xoxo",
            "npm_config_registry=https://registry.npmjs.org",
            "npm_lifecycle_event=prepublishOnly",
            "glpat-",
            "dapi",
            "AKIA",
            "nvapi-key",
            "gsk_model",
            "r8_quantized_model",
            "pypi-timemachine",
            "SharedAccessKeyName=RootManageSharedAccessKey",
            "AccountKey=<account_key>",
            "AccountKey=xxxxxxxx",
            "sig=<signature>&sv=2020",
            "https://team.blob.core.windows.net/c/f?sv=2020-08-04&sig=$SIG",
            "sigma=0.5&sv=1",
            "config=experiment_12_large_batch.yaml",
            "eyJhbGciOi...",
            "eyJ.eyJ.x",
            "version=1.2.3+cu118",
            "torch==2.6.0+cu124",
            "CUDA_VISIBLE_DEVICES=0,1,2,3",
            "NCCL_SOCKET_IFNAME=eth0",
            "LD_LIBRARY_PATH=/usr/local/cuda-12.4/lib64:/usr/lib",
            "PYTHONPATH=/opt/team/Project2024:$PYTHONPATH",
            "export OMP_NUM_THREADS=8",
            "learning_rate=0.00012345678901234567",
            "seed=18446744073709551615",
            "mac 00:1a:2b:3c:4d:5e",
            "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
            "ssh_host_key: unknown",
            "hotkey=Ctrl+Alt+Shift+F12",
            "keyboard: qwerty",
            "monkey=banana1234567890abc",
            "foreign_key=users.id",
            "turkey: 2024",
            "compass=N45E12",
            "bypass=True12345",
            "passes=10",
            "pass 1 of 12345678",
            "passwd root",
            "password authentication failed for user \"team1\"",
            "The password is in the vault.",
            "Set PASSWORD before you start.",
            "Enter your token: ",
            "secret santa 2024",
            "token bucket with 1000000000 tokens",
            "See https://host.test/docs/api-key#section-2-1",
            "api-key-rotation-policy-v2",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "BEGIN RSA PRIVATE KEY",
            "if token == expected_token_1: pass",
            "assert len(token) == 32",
            "token := next()",
            "secret=None",
            "secret: true",
            "credential: default",
            "credentials: {username: a}",
            "access_key_id",
            "storage_key=dataset/v1/train-00000-of-00010.parquet",
            "service_key: model-serving-endpoint-v2",
            "app_key=main",
            "license_key=",
            "auth_token: null",
            "deploy_key.pub",
            "Kaggle key in ~/.kaggle/kaggle.json",
            "pat=*.py",
            "pattern=[a-z0-9]{32}",
            "pw=4",
            "pwd",
            "$(pwd)/Data2024/Set1",
        ]
        .map(str::to_owned),
    );
    // Known to everybody, and yet taken for a leak by others: the key of Azure's
    // emulator, and the one in the documentation of AWS.
    let emulators = [
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6",
        "IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    ];
    texts.push(format!(
        "AccountName=devstoreaccount1;AccountKey={}",
        emulators.concat()
    ));
    let documented = ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"];
    texts.push(format!("aws_secret_access_key = {}", documented.concat()));
    let mut all: Vec<_> = texts.into_iter().map(|text| (None, text)).collect();
    for (key, text) in [
        ("password", "<% $secrets.password %>"),
        ("password", ""),
        ("password", "changeme"),
        ("token", "$TOKEN"),
        ("tokenizer", "Qwen2.5-7B-Instruct-GPTQ-Int4"),
        ("revision", "4f8a1c09e7d24b6fa3d54f8a1c09e7d24b6fa3d5"),
        ("secretName", "team-secret-2024"),
        ("cacheKey", "4f8a1c09e7d24b6fa3d5"),
        ("publicKey", "ssh-ed25519 AAAA"),
        ("tokenPath", "/mnt/token-1"),
        ("maxTokens", "4096"),
        ("apiKey", "your-api-key"),
        ("keyword", "4f8a1c09e7d24b6f"),
    ] {
        all.push((Some(key), text.to_owned()));
    }
    all
}

/// Puts so many letters for each `{n}`.
fn fill(template: &str, letters: &str, chance: &mut Chance) -> String {
    let mut out = String::new();
    for piece in template.split_inclusive('}') {
        match piece.split_once('{') {
            Some((before, count)) => {
                out += before;
                let count = count.trim_end_matches('}').parse().expect("a number");
                out += &chance.of(letters, count);
            }
            None => out += piece,
        }
    }
    out
}
