use crate::support::run;

#[test]
fn bank_reports_the_total() {
    let said = run("bank", &[], b"").ok();
    assert_eq!(said.err, "");
    assert!(said.out.contains("no cent was lost: 600.00 in total"), "{}", said.out);
    assert!(said.out.contains("the last lines of the statement of AC-000001:"), "{}", said.out);
}
