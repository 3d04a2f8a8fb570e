//! Cursors: where a listing goes on, as text that is opaque to clients.
//!
//! A cursor names the listing it belongs to, tenant included. One of another listing is refused, so
//! that it can neither leak nor confuse; it needs no signature, because whoever forges one reaches
//! positions in a listing of their own.

use conversation::store::StoreError;
use data_encoding::BASE64URL_NOPAD;

/// Longer than any that we give out.
const MAX_CURSOR_BYTES: usize = 1024;

/// Neither part holds a line break.
pub(crate) fn encode(listing: &str, position: &str) -> String {
    BASE64URL_NOPAD.encode(format!("{listing}\n{position}").as_bytes())
}

/// The position, of a cursor of this very listing.
pub(crate) fn decode(cursor: &str, listing: &str) -> Result<String, StoreError> {
    let position = || {
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (found, position) = text.split_once('\n')?;
        (found == listing).then(|| position.to_owned())
    };
    if cursor.len() > MAX_CURSOR_BYTES {
        return Err(StoreError::BadCursor);
    }
    position().ok_or(StoreError::BadCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_listings_own_cursors_are_accepted() {
        let cursor = encode("demo#SESSIONS", "here");
        assert_eq!(decode(&cursor, "demo#SESSIONS").unwrap(), "here");
        let long = "A".repeat(MAX_CURSOR_BYTES + 4);
        for bad in ["", "x", "é", "%%%", cursor.trim_end_matches(|_| true), &long] {
            assert!(matches!(decode(bad, "demo#SESSIONS"), Err(StoreError::BadCursor)), "{bad}");
        }
        assert!(decode(&cursor, "acme#SESSIONS").is_err());
    }
}
