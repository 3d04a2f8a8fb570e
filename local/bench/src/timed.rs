//! Ports with a stopwatch: each call is passed on, and when it began and ended is written down for
//! the tenant that it was for. The benchmark gives every speaker a tenant of its own, so what is
//! written down for a tenant belongs to the one turn that it has under way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use auth::{KeyRecord, KeyStore, RateCounter, Taken};
use conversation::{
    session::{Message, Session},
    store::{Claimed, StoreError, TurnEnd, TurnStart, TurnStore},
};
use jiff::Timestamp;
use model::{KeyId, SessionId, TenantId};
use module::{ModuleError, OperationCall, Operations};
use serde_json::Value;

use crate::stats::{Span, covered};

#[derive(Debug, Default)]
struct Spans {
    modules: Vec<Span>,
    store: Vec<(&'static str, Span)>,
}

/// What was under way for whom.
#[derive(Debug, Default)]
pub(crate) struct Stopwatch(Mutex<HashMap<TenantId, Spans>>);

/// How long a turn waited for others.
#[derive(Debug, Clone)]
pub(crate) struct Elsewhere {
    pub(crate) modules: Duration,
    pub(crate) store: Duration,
    /// The store's by the port's method; some are under way side by side.
    pub(crate) store_calls: Vec<(&'static str, Duration)>,
}

impl Stopwatch {
    /// What has been written down for the tenant since the last time.
    pub(crate) fn take(&self, tenant: &TenantId) -> Elsewhere {
        let spans = self.with(|tenants| tenants.remove(tenant)).unwrap_or_default();
        let duration = |(name, span): &(&'static str, Span)| (*name, span.to - span.from);
        Elsewhere {
            modules: covered(spans.modules),
            store_calls: spans.store.iter().map(duration).collect(),
            store: covered(spans.store.into_iter().map(|(_, span)| span).collect()),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<TenantId, Spans>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn module<T>(&self, tenant: &TenantId, call: impl Future<Output = T>) -> T {
        let (result, span) = timed(call).await;
        self.with(|tenants| tenants.entry(tenant.clone()).or_default().modules.push(span));
        result
    }

    async fn store<T>(
        &self,
        tenant: &TenantId,
        name: &'static str,
        call: impl Future<Output = T>,
    ) -> T {
        let (result, span) = timed(call).await;
        self.with(|tenants| tenants.entry(tenant.clone()).or_default().store.push((name, span)));
        result
    }
}

async fn timed<T>(call: impl Future<Output = T>) -> (T, Span) {
    let from = Instant::now();
    let result = call.await;
    (result, Span { from, to: Instant::now() })
}

/// A port whose calls are timed.
pub(crate) struct Timed<P: ?Sized> {
    port: Arc<P>,
    stopwatch: Arc<Stopwatch>,
}

impl<P: ?Sized> Timed<P> {
    pub(crate) fn new(port: Arc<P>, stopwatch: &Arc<Stopwatch>) -> Arc<Self> {
        Arc::new(Self { port, stopwatch: Arc::clone(stopwatch) })
    }
}

#[async_trait]
impl Operations for Timed<dyn Operations> {
    async fn run(&self, call: &OperationCall) -> Result<Value, ModuleError> {
        self.stopwatch.module(&call.tenant, self.port.run(call)).await
    }
}

#[async_trait]
impl TurnStore for Timed<dyn TurnStore> {
    async fn load(
        &self,
        tenant: &TenantId,
        session: SessionId,
        limit: usize,
    ) -> Result<(Session, Vec<Message>), StoreError> {
        self.stopwatch.store(tenant, "load", self.port.load(tenant, session, limit)).await
    }

    async fn begin(&self, tenant: &TenantId, start: &TurnStart) -> Result<Claimed, StoreError> {
        self.stopwatch.store(tenant, "begin", self.port.begin(tenant, start)).await
    }

    async fn finish(&self, tenant: &TenantId, end: &TurnEnd) -> Result<(), StoreError> {
        self.stopwatch.store(tenant, "finish", self.port.finish(tenant, end)).await
    }
}

#[async_trait]
impl KeyStore for Timed<dyn KeyStore> {
    async fn get(
        &self,
        tenant: &TenantId,
        id: &KeyId,
    ) -> Result<Option<KeyRecord>, auth::StoreError> {
        self.stopwatch.store(tenant, "key", self.port.get(tenant, id)).await
    }

    async fn put(&self, record: &KeyRecord) -> Result<(), auth::StoreError> {
        self.port.put(record).await
    }

    async fn revoke(
        &self,
        tenant: &TenantId,
        id: &KeyId,
        at: Timestamp,
    ) -> Result<(), auth::StoreError> {
        self.port.revoke(tenant, id, at).await
    }
}

#[async_trait]
impl RateCounter for Timed<dyn RateCounter> {
    async fn take(
        &self,
        tenant: &TenantId,
        scope: &str,
        window_start: Timestamp,
        amount: u32,
        limit: u32,
    ) -> Result<Taken, auth::StoreError> {
        let take = self.port.take(tenant, scope, window_start, amount, limit);
        self.stopwatch.store(tenant, "rate", take).await
    }
}
