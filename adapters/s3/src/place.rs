//! The URL formats of a bucket.

/// A URL prefix of a bucket: the part of its URLs before the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    scheme: String,
    host: String,
    /// The path, which starts and ends with a slash.
    path: String,
}

impl Place {
    /// Parses a URL without a key. Returns `None` if the URL is not supported.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        // URLs with a query or a fragment before the first slash are not supported.
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() || host.contains(['?', '#', '@', '\\']) {
            return None;
        }
        let host = host.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let host = host.strip_suffix(default_port).unwrap_or(&host).to_owned();
        let slash = if path.is_empty() || path.ends_with('/') { "" } else { "/" };
        Some(Self { scheme, host, path: format!("/{path}{slash}") })
    }

    /// Derives the prefix from a URL with a known key.
    pub(crate) fn of_probe(url: &str, key: &str) -> Option<Self> {
        Self::parse(without_query(url).strip_suffix(key)?)
    }

    /// Returns the prefix of the same bucket in the other URL style, virtual-hosted or path.
    pub(crate) fn other_style(&self, bucket: &str) -> Option<Self> {
        let (host, path) = match self.host.strip_prefix(&format!("{}.", bucket.to_ascii_lowercase())) {
            Some(host) => (host.to_owned(), format!("/{bucket}{}", self.path)),
            None => {
                let path = self.path.strip_prefix(&format!("/{bucket}/"))?;
                (format!("{}.{}", bucket.to_ascii_lowercase(), self.host), format!("/{path}"))
            }
        };
        Some(Self { scheme: self.scheme.clone(), host, path })
    }

    /// Returns the key in a URL, if the URL starts with this prefix.
    pub(crate) fn key(&self, url: &str) -> Option<String> {
        let url = without_query(url);
        let (scheme_and_host, path) = {
            let (scheme, rest) = url.split_once("://")?;
            let slash = scheme.len() + 3 + rest.find('/')?;
            url.split_at(slash)
        };
        let at = Self::parse(scheme_and_host)?;
        if (&at.scheme, &at.host) != (&self.scheme, &self.host) {
            return None;
        }
        let key = decode(path.strip_prefix(self.path.as_str())?)?;
        if key.is_empty() { None } else { Some(key) }
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// Decodes percent escapes. Returns `None` if the result is not valid UTF-8.
fn decode(escaped: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digit = |digit: u8| char::from(digit).to_digit(16);
            // Two hexadecimal digits fit into a byte.
            bytes.push((digit(digits[0])? * 16 + digit(digits[1])?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> Place {
        Place::parse(url).unwrap()
    }

    #[test]
    fn both_styles_are_places() {
        let host_style = place("https://bucket.s3.eu-west-1.amazonaws.com/");
        let path_style = place("https://s3.eu-west-1.amazonaws.com/bucket/");
        assert_eq!(host_style.other_style("bucket"), Some(path_style.clone()));
        assert_eq!(path_style.other_style("bucket"), Some(host_style.clone()));
        assert_eq!(
            Place::of_probe("http://127.0.0.1:4566/bucket/key?X-Amz-Date=1", "key"),
            Some(place("http://127.0.0.1:4566/bucket/"))
        );
        // The host of an access point does not contain the bucket.
        assert_eq!(
            place("https://point-1.s3-accesspoint.eu-west-1.amazonaws.com/").other_style("arn:aws:s3:point"),
            None
        );
    }

    #[test]
    fn key_is_the_rest_of_the_url() {
        let bucket = place("https://bucket.s3.eu-west-1.amazonaws.com/");
        for (url, key) in [
            ("https://bucket.s3.eu-west-1.amazonaws.com/a/b.json", "a/b.json"),
            ("https://bucket.s3.eu-west-1.amazonaws.com:443/a?X-Amz-Signature=1", "a"),
            ("HTTPS://Bucket.S3.eu-west-1.amazonaws.com/a%23b%20c%2Fd%C3%A9#fragment", "a#b c/dé"),
            ("https://bucket.s3.eu-west-1.amazonaws.com/../other/key", "../other/key"),
            ("https://bucket.s3.eu-west-1.amazonaws.com//a", "/a"),
            ("https://bucket.s3.eu-west-1.amazonaws.com/a+b", "a+b"),
        ] {
            assert_eq!(bucket.key(url).as_deref(), Some(key), "{url}");
        }
        let local = place("http://127.0.0.1:4566/bucket/");
        assert_eq!(local.key("http://127.0.0.1:4566/bucket/a/b").as_deref(), Some("a/b"));
    }

    #[test]
    fn other_urls_have_no_key() {
        let bucket = place("https://bucket.s3.eu-west-1.amazonaws.com/");
        for url in [
            "https://other.s3.eu-west-1.amazonaws.com/a",
            "https://bucket.s3.eu-west-1.amazonaws.com.evil.example/a",
            "https://bucket.s3.eu-west-1.amazonaws.com@evil.example/a",
            "https://user@bucket.s3.eu-west-1.amazonaws.com/a",
            "https://evil.example/bucket.s3.eu-west-1.amazonaws.com/a",
            "https://evil.example\\@bucket.s3.eu-west-1.amazonaws.com/a",
            "https://evil.example?bucket.s3.eu-west-1.amazonaws.com/a",
            "https://bucket.s3.eu-west-1.amazonaws.com:8443/a",
            "http://bucket.s3.eu-west-1.amazonaws.com/a",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "file://bucket.s3.eu-west-1.amazonaws.com/a",
            "//bucket.s3.eu-west-1.amazonaws.com/a",
            "https://bucket.s3.eu-west-1.amazonaws.com",
            "https://bucket.s3.eu-west-1.amazonaws.com/",
            "https://bucket.s3.eu-west-1.amazonaws.com/%",
            "https://bucket.s3.eu-west-1.amazonaws.com/%zz",
            "https://bucket.s3.eu-west-1.amazonaws.com/%+1",
            "https://bucket.s3.eu-west-1.amazonaws.com/%ff",
            "https:///a",
            "a",
            "",
        ] {
            assert_eq!(bucket.key(url), None, "{url}");
        }
        let path_style = place("https://s3.eu-west-1.amazonaws.com/bucket/");
        for url in [
            "https://s3.eu-west-1.amazonaws.com/bucket-2/a",
            "https://s3.eu-west-1.amazonaws.com/bucket",
            "https://s3.eu-west-1.amazonaws.com/other/bucket/a",
            "https://s3.eu-west-1.amazonaws.com/Bucket/a",
        ] {
            assert_eq!(path_style.key(url), None, "{url}");
        }
    }
}
