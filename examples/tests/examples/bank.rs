use crate::support::run;

#[test]
fn keeps_its_books() {
    let said = run("bank", &[], b"").ok();
    assert_eq!(said.err, "");
    assert!(said.out.contains("no cent was lost: 600.00 in all"), "{}", said.out);
    assert!(said.out.contains("the latest on the statement of AC-000001:"), "{}", said.out);
}
