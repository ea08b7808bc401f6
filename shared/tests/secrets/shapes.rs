//! Secrets as people leave them, with values made up on the spot.

pub(crate) struct Shape {
    /// The key it stands under, if that says what it is.
    pub(crate) key: Option<&'static str>,
    pub(crate) text: String,
    pub(crate) secret: String,
}

/// Values that nobody has: the same in every run.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }

    pub(crate) fn of(&mut self, letters: &str, count: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        let mut letter = || letters[usize::try_from(self.next()).expect("31 bits") % letters.len()];
        (0..count).map(|_| letter()).collect()
    }
}

pub(crate) const HEX: &str = "0123456789abcdef";
pub(crate) const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DASH: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
pub(crate) const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PASSWORD: &str = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789!#@^";

pub(crate) fn all() -> Vec<Shape> {
    let mut chance = Chance::new(0x5eed_0013);
    let mut shapes = formats(&mut chance);
    shapes.extend(surroundings(&mut chance));
    shapes
}

/// Known by their looks: each bare, in a command, and in an address or a text.
fn formats(chance: &mut Chance) -> Vec<Shape> {
    let mut tokens: Vec<String> = Vec::new();
    for (prefix, letters, count) in [
        ("AKIA", UPPER, 16),
        ("ASIA", UPPER, 16),
        ("ABIA", UPPER, 16),
        ("ACCA", UPPER, 16),
        ("AIza", DASH, 35),
        ("GOCSPX-", ALNUM, 28),
        ("ya29.", DASH, 120),
        ("LTAI", ALNUM, 20),
        ("AKID", ALNUM, 32),
        ("AKLT", ALNUM, 44),
        ("dop_v1_", HEX, 64),
        ("ghp_", ALNUM, 36),
        ("gho_", ALNUM, 36),
        ("ghu_", ALNUM, 36),
        ("ghs_", ALNUM, 36),
        ("ghr_", ALNUM, 36),
        ("glpat-", ALNUM, 20),
        ("gldt-", ALNUM, 20),
        ("glrt-", ALNUM, 20),
        ("glptt-", HEX, 40),
        ("hf_", ALNUM, 34),
        ("api_org_", ALNUM, 34),
        ("wandb_v1_", ALNUM, 78),
        ("dckr_pat_", ALNUM, 27),
        ("dckr_oat_", ALNUM, 32),
        ("nvapi-", ALNUM, 64),
        ("sk-ant-api03-", ALNUM, 95),
        ("sk-or-v1-", HEX, 64),
        ("sk-", HEX, 32),
        ("sk-", ALNUM, 48),
        ("gsk_", ALNUM, 52),
        ("r8_", ALNUM, 37),
        ("pplx-", ALNUM, 48),
        ("xai-", ALNUM, 80),
        ("xoxb-", ALNUM, 50),
        ("xoxp-", ALNUM, 60),
        ("xapp-", ALNUM, 90),
        ("dapi", HEX, 32),
        ("npm_", ALNUM, 36),
        ("pypi-AgEIcHlwaS5vcmc", ALNUM, 150),
        ("rubygems_", HEX, 48),
        ("sk_live_", ALNUM, 24),
        ("rk_live_", ALNUM, 24),
        ("hvs.", ALNUM, 95),
        ("lin_api_", ALNUM, 40),
        ("NRAK-", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 27),
        ("dp.pt.", ALNUM, 43),
        ("pul-", HEX, 40),
        ("sbp_", HEX, 40),
        ("figd_", ALNUM, 40),
        ("AGE-SECRET-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    ] {
        tokens.push(prefix.to_owned() + &chance.of(letters, count));
    }
    tokens.push(format!(
        "github_pat_{}_{}",
        chance.of(ALNUM, 22),
        chance.of(ALNUM, 59)
    ));
    tokens.push(format!(
        "sk-proj-{}T3BlbkFJ{}",
        chance.of(ALNUM, 74),
        chance.of(ALNUM, 74)
    ));
    tokens.push(format!(
        "sk-{}T3BlbkFJ{}",
        chance.of(ALNUM, 20),
        chance.of(ALNUM, 20)
    ));
    tokens.push(format!(
        "SG.{}.{}",
        chance.of(ALNUM, 22),
        chance.of(ALNUM, 43)
    ));
    tokens.push(format!(
        "glsa_{}_{}",
        chance.of(ALNUM, 32),
        chance.of(HEX, 8)
    ));
    tokens.push(format!(
        "PMAK-{}-{}",
        chance.of(HEX, 24),
        chance.of(HEX, 34)
    ));
    tokens.push(format!(
        "{}8Q~{}",
        chance.of(ALNUM, 3),
        chance.of(ALNUM, 34)
    ));
    tokens.push(format!(
        "{}:AA{}",
        chance.of("123456789", 10),
        chance.of(ALNUM, 33)
    ));
    for claims in [
        r#"{"username":"alice","application":true,"iat":1600000000}"#,
        r#"{"sub":"9f31","exp":1700000000}"#,
    ] {
        let head = base64(r#"{"alg":"HS256","typ":"JWT"}"#);
        tokens.push(format!(
            "{head}.{}.{}",
            base64(claims),
            chance.of(ALNUM, 43)
        ));
    }
    let mut shapes = Vec::new();
    for (number, token) in tokens.into_iter().enumerate() {
        let texts = [
            format!("export MY_VALUE={token}"),
            match number % 4 {
                0 => format!("git clone https://oauth2:{token}@host.test/team/code.git"),
                1 => format!("python train.py --key \"{token}\" --epochs 3"),
                2 => format!("Log in with {token}, then start."),
                _ => format!("{{\"value\": \"{token}\"}}"),
            },
        ];
        shapes.extend(texts.map(|text| Shape {
            key: None,
            text,
            secret: token.clone(),
        }));
    }
    shapes
}

/// Known by what stands around them.
fn surroundings(chance: &mut Chance) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let mut add = |template: &str, secret: String| {
        assert!(template.contains("{}"), "{template}");
        shapes.push(Shape {
            key: None,
            text: template.replace("{}", &secret),
            secret,
        });
    };
    let account = |chance: &mut Chance| chance.of(BASE64, 86) + "==";
    for template in [
        "export STORAGE='DefaultEndpointsProtocol=https;AccountName=team;AccountKey={};EndpointSuffix=core.windows.net'",
        "az storage blob upload --connection-string \"AccountName=a;AccountKey={}\"",
        "az storage blob list --account-name team --account-key {}",
        "AZURE_STORAGE_KEY={} azcopy copy a b",
    ] {
        add(template, account(chance));
    }
    add(
        "Endpoint=sb://team.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={}",
        chance.of(BASE64, 43) + "=",
    );
    for template in [
        "azcopy copy 'https://team.blob.core.windows.net/data?sv=2020-08-04&ss=b&srt=sco&sp=rl&se=2030-01-01T00:00:00Z&sig={}' /data",
        "wget \"https://team.blob.core.windows.net/c/f.tar?sp=r&sig={}&sv=2021-06-08\"",
        "https://team.blob.core.windows.net/c/f.tar?se=2030-01-01&sig={}",
    ] {
        add(
            template,
            chance.of(ALNUM, 41) + "%2B" + &chance.of(ALNUM, 1) + "%3D",
        );
    }
    for template in [
        "aws_secret_access_key = {}",
        "export AWS_SECRET_ACCESS_KEY={}",
        "AWS_SECRET_ACCESS_KEY=\"{}\" aws s3 ls",
        "aws configure set aws_secret_access_key {}",
    ] {
        let secret = chance.of(BASE64, 40);
        if template.contains("configure") {
            add("os.environ[\"AWS_SECRET_ACCESS_KEY\"] = \"{}\"", secret);
        } else {
            add(template, secret);
        }
    }
    for template in [
        "export WANDB_API_KEY={}",
        "wandb login {}",
        "WANDB_API_KEY={} python train.py",
        "wandb.login(api_key=\"{}\")",
        "os.environ['WANDB_API_KEY'] = '{}'",
        "wandb login --relogin {}",
        "--wandb-api-key {}",
        "WANDB_API_KEY: {}",
        "COMET_API_KEY={}",
        "export SWANLAB_API_KEY=\"{}\"",
        "swanlab login -k {}",
    ] {
        add(template, chance.of(HEX, 40));
    }
    for template in [
        "docker login -u team -p {} registry.test",
        "docker login registry.test --username team --password {}",
        "podman login -p {} registry.test",
        "echo {} | docker login -u team --password-stdin registry.test",
        "echo '{}' | sudo -S apt-get install vim",
        "sudo docker login -p '{}' registry.test",
        "sshpass -p {} ssh team@10.0.0.3",
        "sshpass -p '{}' scp a team@10.0.0.3:",
        "sshpass -p\"{}\" rsync a b",
        "mysql -uroot -p{} -h 10.0.0.3",
        "mysqldump -h 10.0.0.3 -p{} db > x",
        "mysql --password={} -e 'select 1'",
        "mount -t cifs //10.0.0.3/share /mnt -o username=team,password={},vers=3.0",
        "mount -t cifs -o user=team,pass={} //10.0.0.3/s /mnt",
        "curl -u team:{} https://host.test/f",
        "curl --user 'team:{}' https://host.test/f",
        "curl -s -u \"team:{}\" -O https://host.test/f",
        "wget --user=team --password={} https://host.test/f",
        "wget --http-password {} https://host.test/f",
        "redis-cli -h 10.0.0.3 -a {} ping",
        "smbclient //10.0.0.3/share -U team%{}",
        "echo \"root:{}\" | chpasswd",
        "unzip -P {} data.zip",
        "mongo --host 10.0.0.3 -u team -p {}",
        "export PGPASSWORD={}",
        "PGPASSWORD='{}' psql -h 10.0.0.3",
        "MYSQL_PWD={} mysql",
        "DB_PASSWORD: {}",
        "password = \"{}\"",
        "conn = connect(user='team', password='{}')",
        "{\"user\": \"team\", \"password\": \"{}\"}",
        "login(username=\"team\", passwd=\"{}\")",
        "ftp_pass={}",
        "The password: {}",
        "7z x -p{} data.7z",
        "az login -u team@test -p {}",
        "git clone https://team:{}@host.test/code.git",
        "pip install --index-url https://team:{}@pypi.test/simple thing",
        "postgres://team:{}@10.0.0.3:5432/db",
        "mongodb://team:{}@10.0.0.3/db",
        "redis://:{}@10.0.0.3:6379/0",
        "export HTTPS_PROXY=http://team:{}@proxy.test:8080",
        "rsync rsync://team:{}@10.0.0.3/data .",
        "smtp_password={}",
        "JUPYTER_PASSWORD={} jupyter lab",
        "gpg --batch --passphrase {} -d f",
        "spring.datasource.password={}",
        "curl -H \"Content-Type: a/b\" -d '{\\\"password\\\": \\\"{}\\\"}' https://host.test",
    ] {
        let secret = chance.of(PASSWORD, 14);
        // Parts of addresses are written so that they are.
        let secret = if template.contains("://") {
            secret.replace(['#', '@', '^'], "x")
        } else {
            secret
        };
        add(template, secret + "7k");
    }
    for template in [
        "curl -H \"Authorization: Bearer {}\" https://host.test",
        "curl -H 'Authorization: token {}' https://host.test",
        "-H 'Authorization: Basic {}'",
        "headers = {\"Authorization\": \"Bearer {}\"}",
        "headers={'Authorization': f'Bearer {}'}",
        "curl -H 'X-Api-Key: {}' https://host.test",
        "curl -H \"X-Auth-Token: {}\" host.test",
        "https://host.test/data?access_token={}&x=1",
        "https://host.test/data?x=1&token={}",
        "api_key={}",
        "export API_TOKEN={}",
        "client_secret: {}",
        "export KAGGLE_KEY={}",
        "OPENAI_API_KEY=\"{}\"",
        "--auth-token={}",
        "--token {}",
        "\"secretKey\": \"{}\"",
        "apiKey: '{}'",
        "NEPTUNE_API_TOKEN={}",
        "export NGC_API_KEY='{}'",
        "mc alias set s3 http://10.0.0.3:9000 --secret-key {}",
        "git clone https://{}@host.test/code.git",
        "encryption_key = '{}'",
        "ACCESS_TOKEN={}; run",
        "signing-key: \"{}\"",
    ] {
        add(template, chance.of(ALNUM, 40));
    }
    add(
        "https://hooks.slack.com/services/{}",
        format!(
            "T{}/B{}/{}",
            chance.of(UPPER, 8),
            chance.of(UPPER, 8),
            chance.of(ALNUM, 24)
        ),
    );
    add(
        "curl https://oapi.dingtalk.com/robot/send?access_token={} -d x",
        chance.of(HEX, 64),
    );
    for kind in ["", "RSA ", "OPENSSH ", "EC ", "ENCRYPTED "] {
        let lines: Vec<_> = (0..6).map(|_| chance.of(BASE64, 64)).collect();
        let (begin, end) = (
            format!("-----BEGIN {kind}PRIVATE KEY-----"),
            format!("-----END {kind}PRIVATE KEY-----"),
        );
        add(
            "cat > ~/.ssh/id_rsa <<EOF\n{}\nEOF\n",
            format!("{begin}\n{}\n{end}", lines.join("\n")),
        );
    }
    for key in [
        "password",
        "dbPassword",
        "API_TOKEN",
        "wandb_api_key",
        "secret",
        "access-key",
    ] {
        let secret = if key.to_lowercase().contains("password") {
            chance.of(PASSWORD, 12) + "4q"
        } else {
            chance.of(HEX, 40)
        };
        shapes.push(Shape {
            key: Some(key),
            text: secret.clone(),
            secret,
        });
    }
    shapes
}

/// As web tokens have it.
fn base64(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for bytes in text.as_bytes().chunks(3) {
        let wide = bytes
            .iter()
            .fold(0_usize, |wide, byte| wide << 8 | usize::from(*byte))
            << (8 * (3 - bytes.len()));
        for index in 0..=bytes.len() {
            out.push(char::from(LETTERS[wide >> (18 - 6 * index) & 63]));
        }
    }
    out
}
