//! An authenticator app: it reads the picture on the page as a phone does, and shows the codes.

use aws_lc_rs::hmac;
use practice_points::clock::Timestamp;

use crate::answer::Answer;
use crate::app::TestApp;

/// An app on somebody's phone.
#[derive(Clone)]
pub struct Authenticator {
    /// Everything that the picture said.
    pub uri: url::Url,
    key: Vec<u8>,
}

/// The page of the second factor.
pub const PAGE: &str = "/staff/account/second-factor";

impl Authenticator {
    /// Takes the picture of a page.
    pub fn scan(page: &Answer) -> Self {
        let view_box = page.attribute("svg.qr", "viewBox");
        let size = view_box.split(' ').nth(2).unwrap().parse().unwrap();
        Self::of_picture(&page.attribute("svg.qr path", "d"), size)
    }

    /// Takes a picture of so many squares in each direction, whose dark ones a path draws.
    pub fn of_picture(path: &str, size: usize) -> Self {
        let uri: url::Url = qr_code(path, size).parse().unwrap();
        let secret = uri.query_pairs().find(|(name, _)| name == "secret");
        let secret = secret.unwrap().1.into_owned();
        Self {
            key: data_encoding::BASE32_NOPAD
                .decode(secret.as_bytes())
                .unwrap(),
            uri,
        }
    }

    /// The code at a moment.
    pub fn code(&self, at: Timestamp) -> String {
        let step = at.as_millis() / 30_000;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.key);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let start = usize::from(tag.as_ref()[19] & 15);
        let number = u32::from_be_bytes(tag.as_ref()[start..start + 4].try_into().unwrap());
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }

    /// A code that is none of this moment's, or of those around it.
    pub fn wrong_code(&self, app: &TestApp) -> String {
        let now = app.app.now().as_millis();
        let near: Vec<String> = (-3..=3)
            .map(|step| self.code(Timestamp::from_millis(now + step * 30_000)))
            .collect();
        let mut codes = (0..).map(|number| format!("{number:06}"));
        codes.find(|code| !near.contains(code)).unwrap()
    }

    /// The code that it shows now.
    pub fn now(&self, app: &TestApp) -> String {
        self.code(app.app.now())
    }
}

/// Sets the second factor up for whoever is signed in. Returns the app, and the recovery codes.
pub async fn set_up(app: &TestApp) -> (Authenticator, Vec<String>) {
    app.post_form(&format!("{PAGE}/begin"), &[])
        .await
        .expect(303);
    let phone = Authenticator::scan(&app.get(PAGE).await.expect(200));
    let confirm = format!("{PAGE}/confirm");
    let done = app
        .post_form(&confirm, &[("code", &phone.now(app))])
        .await
        .expect(200);
    (phone, recovery_codes(&done))
}

/// The recovery codes of a page.
pub fn recovery_codes(page: &Answer) -> Vec<String> {
    let codes = scraper::Selector::parse(".recovery-codes code").unwrap();
    let page = page.page();
    page.select(&codes)
        .map(|code| code.text().collect())
        .collect()
}

/// What a QR code says, read from its pixels.
fn qr_code(path: &str, size: usize) -> String {
    const SCALE: usize = 4;
    let mut dark = vec![false; size * size];
    for square in path.split('M').skip(1) {
        let (x, rest) = square.split_once(' ').unwrap();
        let y = rest.strip_suffix("h1v1h-1z").unwrap();
        dark[y.parse::<usize>().unwrap() * size + x.parse::<usize>().unwrap()] = true;
    }
    let pixel = |x: usize, y: usize| {
        if dark[y / SCALE * size + x / SCALE] {
            0
        } else {
            255
        }
    };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(size * SCALE, size * SCALE, pixel);
    let codes = image.detect_grids();
    assert_eq!(codes.len(), 1, "one code in the picture");
    codes[0].decode().unwrap().1
}
