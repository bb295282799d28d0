//! From the JSON of a selector to conditions: implicit equality and conjunction made explicit, members' ways joined, negations
//! pushed down to the conditions as CouchDB does it, because a missing member then matches neither side.

use serde_json::{Map, Value};

use super::{
    SelectError,
    judge::{Compare, Condition, Node, Type},
    path::Path,
};

/// Deepest nesting that is followed.
const DEEPEST: usize = 100;

/// Understands a whole selector.
pub(super) fn selector(value: &Value) -> Result<Node, SelectError> {
    let Value::Object(members) = value else {
        return Err(SelectError::NoObject);
    };
    Place::top().members(members)
}

/// Where in the selector one is.
#[derive(Clone)]
struct Place {
    path: Path,
    negated: bool,
    depth: usize,
    /// Below `$elemMatch` and its like a condition may stand for the element itself.
    in_element: bool,
}

impl Place {
    fn top() -> Self {
        Self {
            path: Path::here(),
            negated: false,
            depth: 0,
            in_element: false,
        }
    }

    fn element(&self) -> Self {
        Self {
            in_element: true,
            depth: self.depth + 1,
            ..Self::top()
        }
    }

    fn at(&self, name: &str) -> String {
        if self.path.is_here() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path.text())
        }
    }

    /// Joins several selectors of which all (or, turned round, any) must match.
    fn all(&self, nodes: Vec<Node>) -> Node {
        if self.negated { Node::Any(nodes) } else { Node::All(nodes) }
    }

    fn any(&self, nodes: Vec<Node>) -> Node {
        if self.negated { Node::All(nodes) } else { Node::Any(nodes) }
    }

    /// What an object means: every member of it.
    fn members(&self, members: &Map<String, Value>) -> Result<Node, SelectError> {
        if self.depth > DEEPEST {
            return Err(SelectError::TooDeep {
                at: self.path.text().to_owned(),
            });
        }
        let nodes: Result<Vec<Node>, _> = members.iter().map(|(name, value)| self.member(name, value)).collect();
        let mut nodes = nodes?;
        Ok(match nodes.pop() {
            Some(only) if nodes.is_empty() => only,
            Some(last) => {
                nodes.push(last);
                self.all(nodes)
            }
            None => self.all(nodes),
        })
    }

    fn member(&self, name: &str, value: &Value) -> Result<Node, SelectError> {
        match name {
            "$and" => Ok(self.all(self.several(name, value)?)),
            "$or" => Ok(self.any(self.several(name, value)?)),
            "$nor" => {
                let turned = self.turned();
                Ok(turned.any(turned.several(name, value)?))
            }
            "$not" => match value {
                Value::Object(members) => self.turned().members(members),
                _ => Err(self.bad(name, "an object")),
            },
            operator if operator.starts_with('$') => self.terminal(operator, value),
            field => {
                let inner = Self {
                    path: self.path.then(field)?,
                    depth: self.depth + 1,
                    ..self.clone()
                };
                inner.value(value)
            }
        }
    }

    /// What stands at a member: conditions, members below, or a value it must equal.
    fn value(&self, value: &Value) -> Result<Node, SelectError> {
        match value {
            Value::Object(members) if !members.is_empty() => self.members(members),
            value => Ok(self.condition(Condition::Compare(Compare::Equal, value.clone()))),
        }
    }

    fn turned(&self) -> Self {
        Self {
            negated: !self.negated,
            depth: self.depth + 1,
            ..self.clone()
        }
    }

    fn several(&self, operator: &str, value: &Value) -> Result<Vec<Node>, SelectError> {
        let Value::Array(items) = value else {
            return Err(self.bad(operator, "a list of selectors"));
        };
        let deeper = Self {
            depth: self.depth + 1,
            ..self.clone()
        };
        items.iter().map(|item| deeper.value_or_selector(item)).collect()
    }

    fn value_or_selector(&self, value: &Value) -> Result<Node, SelectError> {
        match value {
            Value::Object(members) => self.members(members),
            other if self.path.is_here() && !self.in_element => Err(self.bad(&other.to_string(), "a selector")),
            other => self.value(other),
        }
    }

    fn bad(&self, operator: &str, wanted: &'static str) -> SelectError {
        SelectError::BadValue {
            at: self.at(operator),
            wanted,
        }
    }

    fn condition(&self, condition: Condition) -> Node {
        let condition = if self.negated { condition.negated() } else { condition };
        Node::Member(self.path.clone(), condition)
    }

    /// A condition on the value at the path.
    fn terminal(&self, operator: &str, value: &Value) -> Result<Node, SelectError> {
        let condition = self.understood(operator, value)?;
        if self.path.is_here() && !self.in_element {
            return Err(SelectError::NoMember {
                operator: operator.to_owned(),
            });
        }
        Ok(self.condition(condition))
    }

    fn understood(&self, operator: &str, value: &Value) -> Result<Condition, SelectError> {
        let compare = |compare| Ok(Condition::Compare(compare, value.clone()));
        match operator {
            "$lt" => compare(Compare::Less),
            "$lte" => compare(Compare::LessOrEqual),
            "$eq" => compare(Compare::Equal),
            "$ne" => compare(Compare::NotEqual),
            "$gte" => compare(Compare::GreaterOrEqual),
            "$gt" => compare(Compare::Greater),
            "$in" => Ok(Condition::In(self.list(operator, value)?)),
            "$nin" => Ok(Condition::NotIn(self.list(operator, value)?)),
            "$all" => Ok(Condition::HasAll(self.list(operator, value)?)),
            "$exists" => Ok(Condition::Exists(
                value.as_bool().ok_or_else(|| self.bad(operator, "true or false"))?,
            )),
            "$type" => {
                let known = value.as_str().and_then(Type::named);
                let wanted = "one of null, boolean, number, string, array, object";
                Ok(Condition::Type(known.ok_or_else(|| self.bad(operator, wanted))?))
            }
            "$size" => Ok(Condition::Size(
                value.as_u64().ok_or_else(|| self.bad(operator, "a whole number"))?,
            )),
            "$mod" => self.remainder(value),
            "$regex" => self.pattern(value),
            "$beginsWith" => {
                let prefix = value.as_str().ok_or_else(|| self.bad(operator, "a text"))?;
                Ok(Condition::BeginsWith(prefix.to_owned()))
            }
            "$elemMatch" => Ok(Condition::AnyElement(Box::new(self.inner(operator, value)?))),
            "$allMatch" => Ok(Condition::AllElements(Box::new(self.inner(operator, value)?))),
            "$keyMapMatch" => Ok(Condition::AnyKey(Box::new(self.inner(operator, value)?))),
            "$text" => Err(SelectError::OnlyServer {
                at: self.at(operator),
                operator: "$text",
            }),
            other => Err(SelectError::UnknownOperator {
                at: self.at(other),
                operator: other.to_owned(),
            }),
        }
    }

    fn list(&self, operator: &str, value: &Value) -> Result<Vec<Value>, SelectError> {
        value.as_array().cloned().ok_or_else(|| self.bad(operator, "a list"))
    }

    fn inner(&self, operator: &str, value: &Value) -> Result<Node, SelectError> {
        match value {
            Value::Object(members) => self.element().members(members),
            _ => Err(self.bad(operator, "a selector")),
        }
    }

    fn remainder(&self, value: &Value) -> Result<Condition, SelectError> {
        let numbers = value.as_array().filter(|two| two.len() == 2);
        let two = numbers.and_then(|two| Some((two[0].as_i128()?, two[1].as_i128()?)));
        match two {
            Some((divisor, remainder)) if divisor != 0 => Ok(Condition::Remainder { divisor, remainder }),
            _ => Err(self.bad("$mod", "two whole numbers, the divisor and the remainder")),
        }
    }

    fn pattern(&self, value: &Value) -> Result<Condition, SelectError> {
        let text = value.as_str().ok_or_else(|| self.bad("$regex", "a text"))?;
        let pattern = fancy_regex::Regex::new(text).map_err(|error| SelectError::BadPattern {
            at: self.at("$regex"),
            error: Box::new(error),
        })?;
        Ok(Condition::Pattern(Box::new(pattern)))
    }
}

/// Whole numbers of any spelling (`3`, `3.0` is none: Erlang tells them apart).
trait Whole {
    fn as_i128(&self) -> Option<i128>;
}

impl Whole for Value {
    fn as_i128(&self) -> Option<i128> {
        match self {
            Value::Number(number) => number.as_i128(),
            _ => None,
        }
    }
}
