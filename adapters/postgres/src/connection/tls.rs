use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::errors::ConnectError;

/// Returns a TLS connector that trusts the certificates of the operating system, including those of private
/// authorities.
pub(crate) fn rustls_connector() -> Result<MakeRustlsConnect, ConnectError> {
    let tls = |error: Box<dyn std::error::Error + Send + Sync>| ConnectError::Tls(error);
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // Some systems have unreadable certificates. Only the absence of any certificate is an error, and only once TLS is
    // used.
    roots.add_parsable_certificates(found.certs);
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| tls(Box::new(error)))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
