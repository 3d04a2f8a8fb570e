//! A response body: all there at once, or coming as it is made.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream::BoxStream};
use http_body::Frame;

/// See the module.
pub enum Body {
    Full(Bytes),
    Stream(BoxStream<'static, Bytes>),
}

impl Body {
    pub fn stream(stream: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self::Stream(stream.boxed())
    }

    /// The whole body, however long it takes.
    pub async fn collect(self) -> Bytes {
        match self {
            Self::Full(bytes) => bytes,
            Self::Stream(mut stream) => {
                let mut all = Vec::new();
                while let Some(bytes) = stream.next().await {
                    all.extend_from_slice(&bytes);
                }
                all.into()
            }
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(stream) => {
                stream.poll_next_unpin(context).map(|next| next.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Full(bytes) if bytes.is_empty())
    }
}
