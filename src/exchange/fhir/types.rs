//! The few data types of FHIR R4 that the resources here are made of.

use serde::Serialize;

/// Declares data types: camel case, no empty fields.
macro_rules! data_types {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $name {
            $($(#[$field_meta])* #[serde(default, skip_serializing_if = "crate::exchange::fhir::types::Empty::is_empty")]
            pub(super) $field: $type,)*
        }
    )*};
}
pub(super) use data_types;

/// Fields that FHIR leaves out: it knows neither null nor empty lists.
pub(super) trait Empty {
    fn is_empty(&self) -> bool;
}

impl<T> Empty for Option<T> {
    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T> Empty for Vec<T> {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl Empty for CodeableConcept {
    fn is_empty(&self) -> bool {
        self.coding.is_empty() && self.text.is_none()
    }
}

data_types! {
    Coding {
        system: Option<String>,
        code: Option<String>,
        display: Option<String>,
    }

    CodeableConcept {
        coding: Vec<Coding>,
        text: Option<String>,
    }

    Expression {
        description: Option<String>,
        language: Option<String>,
        expression: Option<String>,
    }

    Extension {
        url: Option<String>,
        value_boolean: Option<bool>,
        value_code: Option<String>,
        value_decimal: Option<f64>,
        value_integer: Option<i64>,
        value_expression: Option<Expression>,
    }

    Identifier {
        system: Option<String>,
        value: Option<String>,
    }

    Reference {
        extension: Vec<Extension>,
        reference: Option<String>,
        identifier: Option<Identifier>,
    }

    Quantity {
        value: Option<f64>,
        unit: Option<String>,
        system: Option<String>,
        code: Option<String>,
    }
}

impl Coding {
    pub(super) fn new(system: impl Into<String>, code: impl Into<String>) -> Self {
        Self { system: Some(system.into()), code: Some(code.into()), display: None }
    }

    pub(super) fn shown(mut self, display: impl Into<String>) -> Self {
        self.display = Some(display.into());
        self
    }
}

impl Extension {
    pub(super) fn new(url: &str) -> Self {
        Self { url: Some(url.to_owned()), ..Self::default() }
    }
}

impl Quantity {
    /// Points of a scale, in the units of UCUM.
    pub(super) fn score(value: f64) -> Self {
        Self {
            value: Some(value),
            unit: Some("score".to_owned()),
            system: Some("http://unitsofmeasure.org".to_owned()),
            code: Some("{score}".to_owned()),
        }
    }
}

/// A resource as JSON text on one line.
pub(super) fn json(resource: &impl Serialize) -> String {
    // Structs with string keys and finite numbers: serializing to a string does not fail.
    serde_json::to_string(resource).unwrap_or_default()
}
