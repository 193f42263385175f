use crate::support::run;

#[test]
fn evolution_reads_the_events_of_all_versions() {
    let said = run("evolution", &[], b"").ok();
    assert_eq!(said.err, "");
    let expected = "\
version 4 reads
  first 1: SENT is Sent
  first 2: STAMPED is CheckedIn
  first 3: CLOSED is Delivered
  first is Parcel { city: \"London\", grams: 1000, is_delivered: true, returned_because: None }
  second 1: SENT_V2 is Sent
  second 2: CHECKED_IN is CheckedIn
  second 3: CLOSED is Returned
  second is Parcel { city: \"Arlington\", grams: 250, is_delivered: false, returned_because: Some(\"no such street\") }
  third 1: SENT_V3 is Sent
  third is Parcel { city: \"Oxford\", grams: 500, is_delivered: false, returned_because: None }
  fourth 1: SENT_V3 is Sent
  fourth 2: DELIVERED is Delivered
  fourth is Parcel { city: \"Boston\", grams: 750, is_delivered: true, returned_because: None }
version 3, which is still running, reads
  fourth 1: SENT_V3 is Sent
  fourth 2: DELIVERED is Unknown
  fourth is Parcel { city: \"Boston\", grams: 750 }
";
    assert_eq!(said.out, expected);
}
