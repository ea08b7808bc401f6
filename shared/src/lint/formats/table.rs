//! The formats as a table: what each begins with, and what follows.

use super::super::Sort;

/// The letters that a format's body is made of.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Letters {
    /// `0-9 a-f`
    Hex,
    /// `A-Z 2-7`
    Base32,
    /// `A-Z 0-9`
    Upper,
    /// `A-Z a-z 0-9`
    Alnum,
    /// and `_`
    Word,
    /// and `_ -`
    Dash,
    /// and `_ - .`
    Dot,
    /// `A-Z a-z 0-9 + / =`
    Base64,
}

impl Letters {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Self::Hex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Self::Base32 => byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Dash => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dot => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
        }
    }
}

/// A format: what it begins with, and so many letters from a least to a most.
pub(super) struct Format {
    pub(super) prefix: &'static str,
    pub(super) letters: Letters,
    pub(super) length: (u16, u16),
    /// What its body holds somewhere.
    pub(super) holds: &'static str,
    pub(super) sort: Sort,
    /// Whose it is, as in "this looks like … of".
    pub(super) what: &'static str,
    pub(super) name: &'static str,
}

/// The longest of what has no length of its own.
const MANY: u16 = 500;

const fn token(
    prefix: &'static str,
    letters: Letters,
    length: (u16, u16),
    what: &'static str,
    name: &'static str,
) -> Format {
    Format {
        prefix,
        letters,
        length,
        holds: "",
        sort: Sort::Token,
        what,
        name,
    }
}

const fn cloud(
    prefix: &'static str,
    letters: Letters,
    length: (u16, u16),
    what: &'static str,
    name: &'static str,
) -> Format {
    Format {
        sort: Sort::CloudKey,
        ..token(prefix, letters, length, what, name)
    }
}

use Letters::{Alnum, Base32, Base64, Dash, Dot, Hex, Upper, Word};

/// Of several that fit the first counts. A prefix that ends with `=` is no part of
/// the secret.
pub(super) static FORMATS: &[Format] = &[
    cloud(
        "AKIA",
        Base32,
        (16, 16),
        "an access key of AWS",
        "aws_access_key_id",
    ),
    cloud(
        "ASIA",
        Base32,
        (16, 16),
        "a temporary access key of AWS",
        "aws_access_key_id",
    ),
    cloud(
        "ABIA",
        Base32,
        (16, 16),
        "a bearer token of AWS",
        "aws_token",
    ),
    cloud(
        "ACCA",
        Base32,
        (16, 16),
        "a credential of AWS",
        "aws_credential",
    ),
    cloud(
        "AccountKey=",
        Base64,
        (86, 88),
        "the key of an Azure storage account",
        "azure_storage_key",
    ),
    cloud(
        "SharedAccessKey=",
        Base64,
        (43, 44),
        "a shared access key of Azure",
        "azure_shared_access_key",
    ),
    cloud(
        "AIza",
        Dash,
        (35, 35),
        "an API key of Google",
        "google_api_key",
    ),
    cloud(
        "GOCSPX-",
        Dash,
        (28, 28),
        "a client secret of Google",
        "google_client_secret",
    ),
    cloud(
        "ya29.",
        Dash,
        (40, MANY),
        "an access token of Google",
        "google_token",
    ),
    cloud(
        "LTAI",
        Alnum,
        (12, 26),
        "an access key of Alibaba Cloud",
        "alibaba_access_key_id",
    ),
    cloud(
        "AKID",
        Alnum,
        (32, 32),
        "a secret id of Tencent Cloud",
        "tencent_secret_id",
    ),
    cloud(
        "AKLT",
        Alnum,
        (40, 60),
        "an access key of Volcengine",
        "volcengine_access_key",
    ),
    cloud(
        "ALTAK",
        Alnum,
        (21, 21),
        "an access key of Baidu Cloud",
        "baidu_access_key",
    ),
    cloud(
        "dop_v1_",
        Hex,
        (64, 64),
        "a token of DigitalOcean",
        "digitalocean_token",
    ),
    cloud(
        "doo_v1_",
        Hex,
        (64, 64),
        "a token of DigitalOcean",
        "digitalocean_token",
    ),
    token("ghp_", Alnum, (36, 36), "a token of GitHub", "github_token"),
    token("gho_", Alnum, (36, 36), "a token of GitHub", "github_token"),
    token("ghu_", Alnum, (36, 36), "a token of GitHub", "github_token"),
    token("ghs_", Alnum, (36, 36), "a token of GitHub", "github_token"),
    token("ghr_", Alnum, (36, 76), "a token of GitHub", "github_token"),
    token(
        "github_pat_",
        Word,
        (82, 82),
        "a token of GitHub",
        "github_token",
    ),
    token(
        "glpat-",
        Dash,
        (20, 20),
        "a token of GitLab",
        "gitlab_token",
    ),
    token(
        "gldt-",
        Dash,
        (20, 20),
        "a deploy token of GitLab",
        "gitlab_token",
    ),
    token(
        "glrt-",
        Dash,
        (20, 20),
        "a runner token of GitLab",
        "gitlab_token",
    ),
    token(
        "glptt-",
        Hex,
        (40, 40),
        "a trigger token of GitLab",
        "gitlab_token",
    ),
    token(
        "hf_",
        Alnum,
        (34, 34),
        "a token of Hugging Face",
        "hf_token",
    ),
    token(
        "api_org_",
        Alnum,
        (34, 34),
        "a token of Hugging Face",
        "hf_token",
    ),
    token(
        "wandb_v1_",
        Word,
        (70, MANY),
        "a key of Weights & Biases",
        "wandb_api_key",
    ),
    token(
        "dckr_pat_",
        Dash,
        (27, 27),
        "a token of Docker Hub",
        "docker_password",
    ),
    token(
        "dckr_oat_",
        Dash,
        (32, 32),
        "a token of Docker Hub",
        "docker_password",
    ),
    token(
        "nvapi-",
        Dash,
        (60, MANY),
        "a key of NVIDIA NGC",
        "ngc_api_key",
    ),
    token(
        "sk-ant-",
        Dash,
        (80, MANY),
        "a key of Anthropic",
        "anthropic_api_key",
    ),
    token(
        "sk-or-v1-",
        Hex,
        (64, 64),
        "a key of OpenRouter",
        "openrouter_api_key",
    ),
    Format {
        holds: "T3BlbkFJ",
        ..token("sk-", Dash, (40, MANY), "a key of OpenAI", "openai_api_key")
    },
    token(
        "sk-",
        Hex,
        (32, 32),
        "an API key of a model service",
        "model_api_key",
    ),
    token(
        "sk-",
        Alnum,
        (48, 51),
        "an API key of a model service",
        "model_api_key",
    ),
    token("gsk_", Alnum, (52, 52), "a key of Groq", "groq_api_key"),
    token(
        "r8_",
        Alnum,
        (37, 37),
        "a token of Replicate",
        "replicate_token",
    ),
    token(
        "pplx-",
        Alnum,
        (48, 56),
        "a key of Perplexity",
        "perplexity_api_key",
    ),
    token("xai-", Alnum, (80, 80), "a key of xAI", "xai_api_key"),
    token("xoxb-", Dash, (24, 120), "a token of Slack", "slack_token"),
    token("xoxp-", Dash, (24, 120), "a token of Slack", "slack_token"),
    token("xoxa-", Dash, (24, 120), "a token of Slack", "slack_token"),
    token("xoxr-", Dash, (24, 120), "a token of Slack", "slack_token"),
    token("xoxs-", Dash, (24, 120), "a token of Slack", "slack_token"),
    token("xapp-", Dash, (40, 160), "a token of Slack", "slack_token"),
    token(
        "dapi",
        Hex,
        (32, 32),
        "a token of Databricks",
        "databricks_token",
    ),
    token("npm_", Alnum, (36, 36), "a token of npm", "npm_token"),
    token(
        "pypi-AgEIcHlwaS5vcmc",
        Dash,
        (50, MANY),
        "a token of PyPI",
        "pypi_token",
    ),
    token(
        "rubygems_",
        Hex,
        (48, 48),
        "a key of RubyGems",
        "rubygems_key",
    ),
    token(
        "sk_live_",
        Alnum,
        (24, 120),
        "a key of Stripe",
        "stripe_key",
    ),
    token(
        "rk_live_",
        Alnum,
        (24, 120),
        "a key of Stripe",
        "stripe_key",
    ),
    token("SG.", Dot, (66, 66), "a key of SendGrid", "sendgrid_key"),
    token(
        "hvs.",
        Dash,
        (90, 200),
        "a token of HashiCorp Vault",
        "vault_token",
    ),
    token(
        "glsa_",
        Word,
        (41, 41),
        "a token of Grafana",
        "grafana_token",
    ),
    token(
        "lin_api_",
        Alnum,
        (40, 40),
        "a key of Linear",
        "linear_api_key",
    ),
    token(
        "PMAK-",
        Dash,
        (59, 59),
        "a key of Postman",
        "postman_api_key",
    ),
    token(
        "ATATT3",
        Dash,
        (150, 220),
        "a token of Atlassian",
        "atlassian_token",
    ),
    token(
        "NRAK-",
        Upper,
        (27, 27),
        "a key of New Relic",
        "newrelic_key",
    ),
    token(
        "dp.pt.",
        Alnum,
        (43, 43),
        "a token of Doppler",
        "doppler_token",
    ),
    token("pul-", Hex, (40, 40), "a token of Pulumi", "pulumi_token"),
    token(
        "sbp_",
        Hex,
        (40, 40),
        "a token of Supabase",
        "supabase_token",
    ),
    token("figd_", Dash, (40, 44), "a token of Figma", "figma_token"),
    Format {
        sort: Sort::PrivateKey,
        ..token(
            "AGE-SECRET-KEY-1",
            Upper,
            (58, 58),
            "a private key of age",
            "age_key",
        )
    },
];
