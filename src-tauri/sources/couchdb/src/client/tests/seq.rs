//! Positions in changes.

use crate::client::Seq;

#[test]
fn positions_of_all_kinds_keep_their_form() {
    for (json, param, rough) in [
        ("12", "12", Some(12)),
        (r#""23-g1AAAA""#, "23-g1AAAA", Some(23)),
        (r#""5""#, "5", Some(5)),
        (r#"[3,"x"]"#, r#"[3,"x"]"#, None),
        (r#""now""#, "now", None),
    ] {
        let seq: Seq = serde_json::from_str(json).unwrap();
        assert_eq!((seq.param().as_str(), seq.json(), seq.rough()), (param, json, rough));
        assert_eq!(serde_json::to_string(&seq).unwrap(), json);
        assert_eq!(
            Seq::noted(&seq.to_string()).param(),
            param,
            "what was noted of it leads to the same place"
        );
    }
    assert!(serde_json::from_str::<Seq>("null").is_err());
    assert_eq!(Seq::zero().param(), "0");
}
