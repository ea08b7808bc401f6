use super::*;

const NOW: &str = "2026-05-17T12:00:00Z";
const DAY: Duration = Duration::from_hours(24);

fn url(connection: &str, container: &str, rights: Rights) -> Result<Url, SasError> {
    let now = DateTime::parse_from_rfc3339(NOW).unwrap().to_utc();
    container_url(&connection.parse().unwrap(), container, rights, now, DAY)
}

/// The fields in the order of Azure's specification, signed with another
/// implementation of HMAC.
#[test]
fn the_signature_is_the_known_one() {
    let grant = Grant {
        permissions: "racwl",
        start: "2026-05-17T11:45:00Z".into(),
        expiry: "2026-05-18T12:00:00Z".into(),
        resource: "/blob/acct/data-1".into(),
        protocols: "https",
    };
    #[rustfmt::skip]
    let fields = [
        "racwl", "2026-05-17T11:45:00Z", "2026-05-18T12:00:00Z", "/blob/acct/data-1",
        "", "", "https", "2022-11-02", "c", "", "",
        "", "", "", "", "",
    ];
    assert_eq!(grant.string_to_sign(), fields.join("\n"));
    let signed = url(
        "AccountName=acct;AccountKey=YSBrZXkgb2YgdGhlIGFjY291bnQ=",
        "data-1",
        Rights::ReadWrite,
    );
    assert_eq!(
        signed.unwrap().as_str(),
        "https://acct.blob.core.windows.net/data-1?sv=2022-11-02&st=2026-05-17T11%3A45%3A00Z&\
         se=2026-05-18T12%3A00%3A00Z&sr=c&sp=racwl&spr=https&sig=WfCOtR7mSdFb2OWQmXJ9wME7t1qpK9jImbWXy7PWd6s%3D"
    );
}

#[test]
fn only_a_server_without_tls_is_reached_without() {
    let signed = url(
        "AccountName=dev;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:10000/dev",
        "marketplace",
        Rights::Read,
    )
    .unwrap();
    assert_eq!(signed.path(), "/dev/marketplace");
    let query = signed.query().unwrap();
    assert!(
        query.contains("&sp=rl&") && query.contains("&spr=https%2Chttp&"),
        "{query}"
    );
}

#[test]
fn a_container_that_cannot_exist_is_refused() {
    for name in [
        "", "ab", "Upper", "a/b", "a--b", "-ab", "ab-", "it's", "a b c",
    ] {
        let error = url("AccountName=acct;AccountKey=a2V5", name, Rights::Read);
        assert_eq!(error, Err(SasError::BadContainer), "{name}");
    }
}

#[test]
fn a_given_signature_is_passed_on_only_if_it_is_like_ours() {
    use Rights::{Read, ReadWrite};
    let good = "sv=2022-11-02&sr=c&sp=rl&se=2026-06-01T00:00:00Z&sig=a%2Bb%3D";
    let with = |old: &str, new: &str| good.replace(old, new);
    for (signature, rights, wanted) in [
        (good.to_owned(), Read, Ok(())),
        (
            good.to_owned(),
            ReadWrite,
            Err(SasError::TooLittle("racwl")),
        ),
        (with("sp=rl", "sp=racwl"), ReadWrite, Ok(())),
        (
            with("sp=rl", "sp=racwdl"),
            ReadWrite,
            Err(SasError::TooMuch),
        ),
        (with("sr=c", "ss=b&srt=sco"), Read, Err(SasError::TooWide)),
        (with("2026-06", "2026-05"), Read, Err(SasError::Expired)),
        (
            with("&se=2026-06-01T00:00:00Z", ""),
            Read,
            Err(SasError::Expired),
        ),
    ] {
        let connection =
            format!("BlobEndpoint=https://acct.example;SharedAccessSignature={signature}");
        let signed = url(&connection, "marketplace", rights);
        let address = format!("https://acct.example/marketplace?{signature}");
        assert_eq!(
            signed.map(String::from),
            wanted.map(|()| address),
            "{signature}"
        );
    }
}
