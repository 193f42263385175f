use castore_core::context::EventContext;

/// Returns the trace header of AWS X-Ray for the trace and the span in the context. EventBridge forwards this header to
/// the targets of its rules. Returns `None` if the context has no valid `traceparent`.
///
/// `00-TRACE-SPAN-FLAGS` becomes `Root=1-TIME-REST;Parent=SPAN;Sampled=0|1`, where `TIME` consists of the first 8
/// digits of the trace id, and `REST` of the other digits.
pub(super) fn trace_header(context: &EventContext) -> Option<String> {
    let mut parts = context.traceparent()?.split('-');
    let (_version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex(trace, 32) || !is_hex(span, 16) || !is_hex(flags, 2) {
        return None;
    }
    let sampled = u8::from_str_radix(flags, 16).ok()? & 1;
    let (time, rest) = trace.split_at(8);
    Some(format!("Root=1-{time}-{rest};Parent={span};Sampled={sampled}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_converted() {
        let header = |traceparent: &str| trace_header(&EventContext::new().with_trace(traceparent));
        assert_eq!(
            header("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").as_deref(),
            Some("Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1")
        );
        assert!(header("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").unwrap().ends_with("Sampled=0"));
        for invalid in ["", "00", "00-1-2-3", "00-äaf7651916cd43dd8448eb211c8031-b7ad6b7169203331-01"] {
            assert_eq!(header(invalid), None, "{invalid}");
        }
        assert_eq!(trace_header(&EventContext::new()), None);
    }
}
