//! Plan files: whole, or refused.

use std::fs;

use backstay_engine::{EngineError, Result, restore::PlanFile};
use backstay_model::{ConflictPolicy, ErrorKind, PlanStep};

use crate::bench::{Bench, json, steps};

fn plan(bench: &Bench) -> PlanFile {
    for n in 0..5 {
        bench.source.put("c", &n.to_string(), json(r#"{"v":null}"#));
    }
    let done = bench.backup();
    for n in 0..5 {
        bench.source.put("c", &n.to_string(), json(r#"{"v":0}"#));
    }
    bench.plan(&done.snapshot, &[], ConflictPolicy::Remote)
}

fn all(plan: &PlanFile) -> Result<Vec<PlanStep>> {
    plan.steps()?.collect()
}

#[test]
fn a_plan_is_read_as_it_was_written() {
    let bench = Bench::new();
    let plan = plan(&bench);
    let again = PlanFile::open(&plan.path).unwrap();
    assert_eq!(again.header, plan.header);
    assert_eq!(steps(&again).len(), 5);
    assert_eq!(again.checksum().unwrap(), plan.checksum().unwrap());
    let (text, sum) = (fs::read_to_string(&plan.path).unwrap(), plan.checksum().unwrap());
    fs::write(&plan.path, text.replace("\"0\"", "\"1\"")).unwrap();
    assert_ne!(again.checksum().unwrap(), sum);
}

#[test]
fn a_plan_that_lost_steps_is_refused_before_it_looks_done() {
    let bench = Bench::new();
    let plan = plan(&bench);
    let text = fs::read_to_string(&plan.path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut fewer = lines.clone();
    fewer.pop();
    let mut hole = lines.clone();
    hole.remove(2);
    let mut turned = lines.clone();
    turned.swap(2, 3);
    let mut twice = lines.clone();
    twice.insert(2, lines[2]);
    for lines in [fewer, hole, turned, twice] {
        fs::write(&plan.path, lines.join("\n") + "\n").unwrap();
        let error = all(&PlanFile::open(&plan.path).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error:?}");
    }
}

#[test]
fn what_is_no_plan_is_refused() {
    let bench = Bench::new();
    let plan = plan(&bench);
    let text = fs::read_to_string(&plan.path).unwrap();
    fs::write(&plan.path, &text[..text.len() - 10]).unwrap();
    assert!(matches!(
        all(&PlanFile::open(&plan.path).unwrap()),
        Err(EngineError::BadPlan { .. })
    ));
    fs::write(&plan.path, "{}\n").unwrap();
    assert!(matches!(PlanFile::open(&plan.path), Err(EngineError::BadPlan { .. })));
    fs::write(&plan.path, "").unwrap();
    assert!(matches!(PlanFile::open(&plan.path), Err(EngineError::BadPlan { .. })));
    fs::write(&plan.path, text.replacen("\"version\":1", "\"version\":2", 1)).unwrap();
    assert!(matches!(
        PlanFile::open(&plan.path),
        Err(EngineError::NewerPlan { version: 2, .. })
    ));
    fs::remove_file(&plan.path).unwrap();
    assert!(matches!(PlanFile::open(&plan.path), Err(EngineError::PlanIo { .. })));
}
