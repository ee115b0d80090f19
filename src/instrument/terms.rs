//! The closed lists of words that a file may use, one table each.

use serde::{Deserialize, Serialize};

/// An enum whose variants are words in a file: one table gives serde, schema and text.
macro_rules! closed_list {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// Every member with its word, in the order of the documentation.
            pub const ALL: &[(Self, &str)] = &[$((Self::$variant, $text),)*];

            /// The word in a file.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The member of this word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, known)| *known == word).map(|(member, _)| *member)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

closed_list! {
    /// What an instrument measures.
    Construct {
        /// Burnout.
        Burnout = "burnout",
        /// Exhaustion as a syndrome of its own.
        Exhaustion = "exhaustion",
        /// Satisfaction from helping.
        CompassionSatisfaction = "compassion-satisfaction",
        /// Stress from others' trauma.
        SecondaryTraumaticStress = "secondary-traumatic-stress",
        /// Changed beliefs through others' trauma.
        VicariousTrauma = "vicarious-trauma",
        /// Compassion fatigue.
        CompassionFatigue = "compassion-fatigue",
        /// Post-traumatic stress.
        PostTraumaticStress = "post-traumatic-stress",
        /// Complex post-traumatic stress.
        ComplexPostTraumaticStress = "complex-post-traumatic-stress",
        /// Moral injury.
        MoralInjury = "moral-injury",
        /// Depression.
        Depression = "depression",
        /// Anxiety.
        Anxiety = "anxiety",
        /// Perceived stress.
        Stress = "stress",
        /// Non-specific distress.
        PsychologicalDistress = "psychological-distress",
        /// Wellbeing.
        Wellbeing = "wellbeing",
        /// Satisfaction with life.
        LifeSatisfaction = "life-satisfaction",
        /// Work engagement.
        WorkEngagement = "work-engagement",
        /// Professional fulfilment.
        ProfessionalFulfilment = "professional-fulfilment",
        /// Resilience.
        Resilience = "resilience",
        /// Self-compassion.
        SelfCompassion = "self-compassion",
        /// Loneliness.
        Loneliness = "loneliness",
        /// Sleep.
        Sleep = "sleep",
        /// Fatigue.
        Fatigue = "fatigue",
        /// Taking part in social roles.
        SocialParticipation = "social-participation",
        /// Physical health.
        PhysicalHealth = "physical-health",
        /// Mental health.
        MentalHealth = "mental-health",
        /// Stress from work.
        WorkStress = "work-stress",
        /// Ability to work.
        WorkAbility = "work-ability",
        /// Functional impairment.
        FunctionalImpairment = "functional-impairment",
        /// Conditions at work.
        WorkplaceConditions = "workplace-conditions",
        /// Psychological safety of a team.
        PsychologicalSafety = "psychological-safety",
        /// Support by the organisation.
        OrganisationalSupport = "organisational-support",
        /// Clinical supervision.
        Supervision = "supervision",
        /// Trauma-informed practice of an organisation.
        TraumaInformedPractice = "trauma-informed-practice",
        /// How far a workplace is trauma-informed towards its own staff.
        PracticeEnvironment = "practice-environment",
    }
}

closed_list! {
    /// Which way a scale points: never assumed, always stated.
    Direction {
        /// More points, more strain.
        HigherIsWorse = "higher-is-worse",
        /// More points, better.
        HigherIsBetter = "higher-is-better",
        /// Neither.
        Neutral = "neutral",
    }
}

closed_list! {
    /// Terms of use, as a class.
    LicenceClass {
        /// No rights reserved.
        PublicDomain = "public-domain",
        /// An open licence.
        Open = "open",
        /// Free for everybody, without an open licence.
        Free = "free",
        /// Free with a credit line.
        FreeWithCredit = "free-with-credit",
        /// Free where no money is made.
        FreeNonCommercial = "free-non-commercial",
        /// The holder must be asked.
        Permission = "permission",
        /// Sold, or refused.
        Proprietary = "proprietary",
    }
}

impl ReliabilityKind {
    /// Returns whether the coefficient comes from asking the same people twice.
    pub const fn is_of_two_occasions(self) -> bool {
        matches!(self, Self::Retest | Self::Parallel)
    }
}

impl LicenceClass {
    /// Returns the uses for which this class alone means that the holder must be asked first.
    ///
    /// `permission` and `proprietary` ask for every use, and a definition names the exceptions in
    /// `free-for`. `free-non-commercial` asks where money is made. The other classes ask for
    /// nothing, and a definition names the exceptions in `ask-first-for`.
    pub const fn asks_for(self) -> &'static [Use] {
        use Use as U;
        match self {
            Self::PublicDomain | Self::Open | Self::Free | Self::FreeWithCredit => &[],
            Self::FreeNonCommercial => &[U::Commercial, U::Resale],
            Self::Permission | Self::Proprietary => {
                &[U::Commercial, U::Clinical, U::Workplace, U::Research, U::Resale, U::Adaptation]
            }
        }
    }
}

closed_list! {
    /// A use of an instrument that an app may be about to make.
    Use {
        /// In a product that earns money.
        Commercial = "commercial",
        /// In care of patients or clients.
        Clinical = "clinical",
        /// By an employer for its staff.
        Workplace = "workplace",
        /// In research.
        Research = "research",
        /// Selling the instrument itself.
        Resale = "resale",
        /// Changing or translating it.
        Adaptation = "adaptation",
    }
}

closed_list! {
    /// Who stands behind a number.
    Origin {
        /// The instrument's authors.
        Author = "author",
        /// Its present owner.
        Owner = "owner",
        /// A later study by others.
        LaterStudy = "later-study",
        /// Official statistics.
        OfficialStatistics = "official-statistics",
        /// Custom without a study.
        Convention = "convention",
    }
}

closed_list! {
    /// How a number stands today.
    Standing {
        /// In use.
        Current = "current",
        /// Doubted in the literature.
        Disputed = "disputed",
        /// Withdrawn or outdated.
        Deprecated = "deprecated",
    }
}

closed_list! {
    /// How well a number is known.
    Grade {
        /// The primary source, or two independent ones.
        A = "A",
        /// One secondary source.
        B = "B",
        /// The file's own makers decided it and nobody has tested it. Only a key, a rule for missing
        /// answers and a variant can stand on that.
        Own = "own",
    }
}

closed_list! {
    /// What becomes of a scale when one of its items does not apply.
    NotApplicableRule {
        /// The scale has no score.
        Absent = "absent",
        /// The item leaves, the range shrinks, and bands no longer hold.
        Drop = "drop",
    }
}

closed_list! {
    /// What a criterion is for, beyond being reported.
    Role {
        /// Part of another criterion only: no column, no flag.
        Step = "step",
        /// Always evaluated, always reported, whatever is missing.
        Safety = "safety",
    }
}

closed_list! {
    /// What a published smallest change means.
    ChangeKind {
        /// Beyond measurement error.
        Reliable = "reliable",
        /// Felt as important.
        Important = "important",
        /// A service's custom.
        Convention = "convention",
    }
}

closed_list! {
    /// How a reliability was estimated.
    ReliabilityKind {
        /// Cronbach's alpha.
        Alpha = "alpha",
        /// McDonald's omega.
        Omega = "omega",
        /// Test-retest.
        Retest = "retest",
        /// Parallel forms.
        Parallel = "parallel",
        /// Item response theory.
        Irt = "irt",
    }
}
