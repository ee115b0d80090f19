//! Yardsticks from an instrument's norms and published changes.

use super::{ChangeError, ChangeOptions, ChangeTest, PublishedPoints, Reference, Yardstick};
use crate::instrument::{
    Basis, ChangeKind, Direction, Instrument, Key, Norm, PublishedChange, Reliability,
    ReliabilityKind, Standing,
};

fn is_retest(reliability: &Reliability) -> bool {
    reliability.kind().is_of_two_occasions()
}

impl From<&Norm> for Reference {
    /// The norm's numbers. Of several reliabilities the first about two occasions is taken, since
    /// check-ins lie apart in time, else the first.
    fn from(norm: &Norm) -> Self {
        let mut reference = Self::new(norm.id());
        reference.population = Some(norm.population().to_owned());
        reference.n = norm.n();
        reference.mean = norm.mean();
        reference.sd = norm.sd();
        reference.published_sem = norm.sem();
        reference.shift = norm.retest_mean_shift();
        reference.mixed_sources = norm.same_sample() == Some(false);
        let reliabilities = norm.reliability();
        let chosen = reliabilities.iter().find(|r| is_retest(r)).or(reliabilities.first());
        if let Some(chosen) = chosen {
            reference.reliability = Some(chosen.value());
            reference.kind = Some(chosen.kind());
            reference.mixed_sources |=
                chosen.source().is_some() && norm.same_sample() != Some(true);
        }
        // A correlation of two occasions serves the methods that need one, whatever was chosen.
        reference.retest.correlation =
            reliabilities.iter().find(|r| is_retest(r)).map(Reliability::value);
        reference
    }
}

impl From<&PublishedChange> for PublishedPoints {
    fn from(change: &PublishedChange) -> Self {
        let name = match change.basis().source().title() {
            Some(title) => title,
            None => change.basis().source().key(),
        };
        let points = Self::new(name, change.points(), change.kind());
        Self { population: change.basis().population().map(str::to_owned), ..points }
    }
}

impl Yardstick {
    /// Returns everything that a change of a scale may be judged by unless the caller names a norm,
    /// the best first.
    ///
    /// An error that was measured by asking people twice comes first, since check-ins lie apart in
    /// time: norms with a retest reliability, then published reliable changes. Then the conversion
    /// table's own standard errors, published errors of measurement, and last norms that know
    /// internal consistency only ([`Note::InternalConsistency`](super::Note) says so). Within a kind
    /// the order of the file holds: working adults and the general population before patients.
    ///
    /// Left out are disputed and deprecated records, norms whose SD and reliability come from
    /// different people, and published changes that are about what people notice or what services
    /// agreed on: neither says that a change is beyond error.
    pub fn all(instrument: &Instrument, scale: &str) -> Vec<Self> {
        let Some(at) = instrument.scale_position(scale) else { return Vec::new() };
        let mut found = Vec::new();
        let key = instrument.scales().get(at).map(crate::instrument::Scale::key);
        if let Some(Key::Table { errors, .. }) = key
            && !errors.is_empty()
        {
            found.push(Reference::of_score_errors("the table's standard errors").into());
        }
        let is_current = |basis: &Basis| basis.standing() == Standing::Current;
        let norms = instrument.norms().iter();
        let norms = norms.filter(|norm| norm.scale() == at && is_current(norm.basis()));
        let norms = norms.map(Reference::from);
        let norms = norms.filter(|norm| norm.sem().is_ok() && !norm.mixed_sources);
        found.extend(norms.map(Self::Reference));
        let changes = instrument.changes().iter();
        let changes = changes.filter(|change| change.scale() == at && is_current(change.basis()));
        let changes = changes.filter(|change| change.kind() == ChangeKind::Reliable);
        found.extend(changes.map(PublishedPoints::from).map(Self::Published));
        found.sort_by_key(Self::rank);
        found
    }

    /// Returns the place of this kind of yardstick in the order of [`Self::all`].
    fn rank(&self) -> u8 {
        match self {
            Self::Reference(of) if of.kind.is_some_and(ReliabilityKind::is_of_two_occasions) => 0,
            Self::Published(_) => 1,
            Self::Reference(of) if of.by_score || of.published_sem.is_some() => 2,
            Self::Reference(_) => 3,
        }
    }

    /// The best yardstick of a scale, if there is any.
    ///
    /// ```
    /// use straingauge::change::Yardstick;
    /// # let text = include_str!("../../instruments/bat-12/1.0.0.toml");
    /// let bat = straingauge::Instrument::parse(text)?;
    /// assert_eq!(Yardstick::best(&bat, "total").unwrap().name(), "workers-gr-total");
    /// # Ok::<(), straingauge::instrument::LoadError>(())
    /// ```
    pub fn best(instrument: &Instrument, scale: &str) -> Option<Self> {
        Self::all(instrument, scale).into_iter().next()
    }

    /// The norm of this id, for its own scale.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchNorm`] where the instrument has none of this id for the scale.
    pub fn norm(instrument: &Instrument, scale: &str, id: &str) -> Result<Self, ChangeError> {
        let at = instrument.scale_position(scale);
        let of_scale = || instrument.norms().iter().filter(|norm| Some(norm.scale()) == at);
        let found = of_scale().find(|norm| norm.id() == id);
        found.map(|norm| Self::Reference(norm.into())).ok_or_else(|| ChangeError::NoSuchNorm {
            found: id.to_owned(),
            scale: scale.to_owned(),
            known: of_scale().map(Norm::id).collect::<Vec<_>>().join(", "),
        })
    }
}

impl ChangeTest {
    /// The first of these yardsticks that has every number that the options need, compiled.
    ///
    /// ```
    /// use straingauge::change::{ChangeOptions, ChangeTest, Method, Yardstick};
    /// # let text = include_str!("../../instruments/phq-9/1.0.0.toml");
    /// let phq9 = straingauge::Instrument::parse(text)?;
    /// let all = Yardstick::all(&phq9, "total");
    /// let direction = phq9.scale("total").unwrap().direction();
    /// let named = |method| {
    ///     let options = ChangeOptions::new().with_method(method);
    ///     ChangeTest::first_usable(&all, direction, &options).unwrap().0.name().to_owned()
    /// };
    /// assert_eq!(named(Method::JacobsonTruax), "online-he");
    /// assert_eq!(named(Method::GulliksenLordNovick), "students-my"); // needs a mean
    /// # Ok::<(), straingauge::instrument::LoadError>(())
    /// ```
    pub fn first_usable<'y>(
        yardsticks: &'y [Yardstick],
        direction: Direction,
        options: &ChangeOptions,
    ) -> Option<(&'y Yardstick, Self)> {
        yardsticks
            .iter()
            .find_map(|yardstick| Some((yardstick, Self::new(yardstick, direction, options).ok()?)))
    }
}
