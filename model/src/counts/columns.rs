/// Declares a closed list of names in the results: the enum, its order, its names and its dictionary in one place.
macro_rules! columns {
    ($(#[$doc:meta])* $list:ident { $($variant:ident $name:literal $meaning:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list { $(#[doc = $meaning] $variant,)* }

        impl $list {
            /// Every one, in order.
            pub const ALL: [$list; [$($name),*].len()] = [$($list::$variant),*];

            /// The name in results.
            pub const fn name(self) -> &'static str {
                match self { $($list::$variant => $name,)* }
            }

            /// What it means, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $($list::$variant => $meaning,)* }
            }
        }
    };
}

/// Declares the events: each is a row of kind, column, the price that it is charged and the part of the bill where that stands, and
/// its meaning. In the results some stand before the gauges, some after them.
macro_rules! events {
    (before_gauges { $($before:tt)* } after_gauges { $($after:tt)* }) => {
        events! { $($before)* $($after)* }

        /// How many stand before the gauges in the results.
        pub(super) const BEFORE_GAUGES: usize = events!(@count $($before)*);
    };
    (@count $($kind:ident $variant:ident $name:literal [$($part:ident $price:literal $(per $per:ident)?),*] $meaning:literal,)*) => {
        [$($name),*].len()
    };
    ($($kind:ident $variant:ident $name:literal [$($part:ident $price:literal $(per $per:ident)?),*] $meaning:literal,)*) => {
        columns! {
            /// Something that is counted.
            Event { $($variant $name $meaning,)* }
        }

        impl Event {
            /// What sort of thing happened.
            pub const fn kind(self) -> Kind {
                match self { $(Event::$variant => Kind::$kind,)* }
            }
        }

        /// What events are charged, in their order.
        pub const CHARGED: &[Price] = &[$($(Price { name: $price, event: Event::$variant, part: Part::$part, per: 1 $(* $per)? },)*)*];
    };
}

pub(crate) use columns;
pub(super) use events;
