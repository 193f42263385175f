//! The six kinds of message channel.

use crate::casing;
use crate::errors::Errors;
use crate::suggest;
use proc_macro2::{Ident, Span};
use quote::format_ident;

/// The content of a channel's messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Messages {
    AggregateExists,
    Notification,
    StateCarrying,
}

/// The topology of a channel: a message goes to one worker, or to all listeners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Topology {
    Queue,
    Bus,
}

/// A kind of message channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kind {
    pub(super) messages: Messages,
    pub(super) topology: Topology,
}

impl Kind {
    const ALL: [(&'static str, Self); 6] = [
        ("AggregateExistsMessageQueue", Self { messages: Messages::AggregateExists, topology: Topology::Queue }),
        ("AggregateExistsMessageBus", Self { messages: Messages::AggregateExists, topology: Topology::Bus }),
        ("NotificationMessageQueue", Self { messages: Messages::Notification, topology: Topology::Queue }),
        ("NotificationMessageBus", Self { messages: Messages::Notification, topology: Topology::Bus }),
        ("StateCarryingMessageQueue", Self { messages: Messages::StateCarrying, topology: Topology::Queue }),
        ("StateCarryingMessageBus", Self { messages: Messages::StateCarrying, topology: Topology::Bus }),
    ];

    /// The placeholder for a kind that could not be read.
    pub(super) const FALLBACK: Self = Self { messages: Messages::Notification, topology: Topology::Bus };

    /// Returns the kind with this name. Reports an unknown name, and then returns the kind with the nearest name.
    pub(super) fn read(name: &Ident, errors: &mut Errors) -> Self {
        let text = casing::text(name);
        if let Some(kind) = Self::find(&text) {
            return kind;
        }
        let names = Self::ALL.map(|(name, _)| name);
        let remedy = suggest::remedy(&text, &names, "kinds");
        errors.on(name, format!("unknown kind of message channel `{text}`; {remedy}"));
        suggest::nearest(&text, names).and_then(Self::find).unwrap_or(Self::FALLBACK)
    }

    /// Returns whether this is the name of a kind.
    pub(super) fn is_name(name: &Ident) -> bool {
        Self::find(&casing::text(name)).is_some()
    }

    fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(kind, _)| *kind == name).map(|(_, kind)| *kind)
    }

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map(|(name, _)| *name).unwrap_or_default()
    }

    /// Returns the kind in words: "A notification message bus".
    pub(super) fn description(self) -> &'static str {
        match (self.messages, self.topology) {
            (Messages::AggregateExists, Topology::Queue) => "An aggregate-exists message queue",
            (Messages::AggregateExists, Topology::Bus) => "An aggregate-exists message bus",
            (Messages::Notification, Topology::Queue) => "A notification message queue",
            (Messages::Notification, Topology::Bus) => "A notification message bus",
            (Messages::StateCarrying, Topology::Queue) => "A state-carrying message queue",
            (Messages::StateCarrying, Topology::Bus) => "A state-carrying message bus",
        }
    }

    pub(super) fn is_state_carrying(self) -> bool {
        self.messages == Messages::StateCarrying
    }

    /// Returns the marker type of the message kind, such as `Notification`.
    pub(super) fn marker(self) -> Ident {
        Ident::new(self.messages.name(), Span::call_site())
    }

    /// Returns the marker type of the topology.
    pub(super) fn topology_marker(self) -> Ident {
        let name = match self.topology {
            Topology::Queue => "Queue",
            Topology::Bus => "Bus",
        };
        Ident::new(name, Span::call_site())
    }

    /// Returns the name of the message type, such as `NotificationMessage`.
    pub(super) fn message_ident(self, span: Span) -> Ident {
        format_ident!("{}Message", self.messages.name(), span = span)
    }
}

impl Messages {
    fn name(self) -> &'static str {
        match self {
            Self::AggregateExists => "AggregateExists",
            Self::Notification => "Notification",
            Self::StateCarrying => "StateCarrying",
        }
    }
}
