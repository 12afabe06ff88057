//! Images in articles: what may be brought, and how each is made anew, so that nothing is kept but what can be seen.
//!
//! A photograph from a phone says where and when it was taken, a scan whose it is. Only the pixels of what was brought go
//! into what is kept: no EXIF, XMP, GPS, comments, colour profiles, thumbnails, nor bytes after the end.

use std::io::Cursor;

use ::image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use ::image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use ::image::codecs::webp::WebPDecoder;
use ::image::imageops;
use ::image::metadata::Orientation;
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageResult, Limits};
use thiserror::Error;

use crate::domain::named::named;
use crate::domain::short_text::{ShortText, ShortTextError};

/// The largest file that is taken, in bytes.
pub const MAX_FILE_BYTES: usize = 12 << 20;

/// The most pixels that are unpacked. Phones make twelve million of them, some twenty-four.
const MAX_PIXELS: u64 = 32_000_000;

/// The longest side that is unpacked.
const MAX_SIDE: u32 = 16_000;

/// So much memory may unpacking take: the pixels, eight bytes each at most, and as much again for what the decoder keeps.
const MAX_MEMORY: u64 = 384 << 20;

/// No wider than this are images kept: twice the column of text, for dense screens.
const MAX_WIDTH: u32 = 1_600;

/// No taller than this: somewhat more than a screen or a page of paper.
const MAX_HEIGHT: u32 = 2_400;

/// A drawing stays a PNG; what takes more than this as one is a photograph, if nothing of it is see-through.
const LARGE_PNG: usize = 300 << 10;

/// Of a hundred: no difference is seen beside the original.
const JPEG_QUALITY: u8 = 85;

/// The longest alternative text, in characters. More than that belongs into the article, for everybody.
pub const MAX_ALT_CHARS: usize = 300;

named! {
    /// How an image is kept. Mail programs show both; Outlook does not show WebP.
    ImageFormat, "format of an image" {
        /// For drawings, and for what is see-through.
        Png = "png", "PNG";
        /// For photographs and scans.
        Jpeg = "jpeg", "JPEG";
    }
}

impl ImageFormat {
    /// The end of its name in addresses.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// How many characters a hash has in addresses: the first 16 bytes of a SHA-256, in hexadecimal.
pub const HASH_CHARS: usize = 32;

/// The address of an image on this site.
pub fn address(hash: &str, format: ImageFormat) -> String {
    format!("/images/{hash}.{}", format.ending())
}

/// The hash and format of which [`address`] made this; nothing for any other address.
pub fn parse_address(address: &str) -> Option<(&str, ImageFormat)> {
    let (hash, ending) = address.strip_prefix("/images/")?.split_once('.')?;
    let is_hash = hash.len() == HASH_CHARS
        && hash
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let formats = ImageFormat::ALL.iter();
    let format = formats
        .copied()
        .find(|format| format.ending() == ending && is_hash)?;
    Some((hash, format))
}

/// Checks an alternative text.
///
/// # Errors
/// When it is empty, too long, or of more than one line.
pub fn alternative_text(text: &str) -> Result<String, ShortTextError> {
    Ok(ShortText::parse(text, MAX_ALT_CHARS)?.as_str().to_owned())
}

/// An image as it is kept.
#[derive(Debug, Clone)]
pub struct Image {
    /// How.
    pub format: ImageFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file.
    pub content: Vec<u8>,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImageRefused {
    /// Its content is of none of the formats, whatever its name says.
    #[error(
        "This is no PNG, JPEG or WebP file, whatever its name says. Please save the image as PNG or JPEG, and choose that file."
    )]
    Unknown,
    /// It moves.
    #[error(
        "This image moves. Please choose one that stands still: movement cannot be printed, and disturbs reading."
    )]
    Animated,
    /// It is too large once it is unpacked.
    #[error(
        "This image is {width} by {height} pixels, which is too large to be unpacked. Please make it smaller first: {MAX_WIDTH} \
         pixels of width are enough."
    )]
    TooManyPixels {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// It cannot be unpacked.
    #[error(
        "This file is damaged or not complete. Please save the image anew, and choose that file."
    )]
    Damaged,
}

/// Makes an image anew from a file of at most [`MAX_FILE_BYTES`]: upright, at most 1,600 pixels wide, and without
/// anything that cannot be seen.
///
/// This takes a second and a few hundred megabytes for the largest: never on a thread that others wait for, and never
/// many at a time.
///
/// # Errors
/// [`ImageRefused`].
pub fn make_anew(file: &[u8]) -> Result<Image, ImageRefused> {
    let image = flat(unpacked(file)?);
    let image = if image.width() > MAX_WIDTH || image.height() > MAX_HEIGHT {
        image.resize(MAX_WIDTH, MAX_HEIGHT, imageops::FilterType::CatmullRom)
    } else {
        image
    };
    let (width, height) = (image.width(), image.height());
    let (format, content) = packed(&image).map_err(|_| ImageRefused::Damaged)?;
    Ok(Image {
        format,
        width,
        height,
        content,
    })
}

fn unpacked(file: &[u8]) -> Result<DynamicImage, ImageRefused> {
    let reader = Cursor::new(file);
    match file {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => {
            let decoder = PngDecoder::with_limits(reader, limits()).map_err(damaged)?;
            if decoder.is_apng().map_err(damaged)? {
                return Err(ImageRefused::Animated);
            }
            pixels(decoder)
        }
        // What is missing of a photograph, the decoder fills up with grey.
        [0xff, 0xd8, 0xff, ..] if !is_whole_jpeg(file) => Err(ImageRefused::Damaged),
        [0xff, 0xd8, 0xff, ..] => pixels(JpegDecoder::new(reader).map_err(damaged)?),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => {
            let decoder = WebPDecoder::new(reader).map_err(damaged)?;
            if decoder.has_animation() {
                return Err(ImageRefused::Animated);
            }
            pixels(decoder)
        }
        _ => Err(ImageRefused::Unknown),
    }
}

/// Whether the marker that ends an image comes after the one that begins its pixels (ITU-T T.81, annex B). Within the
/// pixels it cannot occur. Segments before them, such as a preview in EXIF, are passed by their length.
fn is_whole_jpeg(file: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    const END: [u8; 2] = [0xff, 0xd9];
    let mut at = 2;
    while let Some([0xff, marker, high, low]) = file.get(at..at + 4) {
        if *marker == START_OF_SCAN {
            return file[at..].windows(2).any(|pair| pair == END);
        }
        // Any number of fill bytes may stand before a marker.
        at += match marker {
            0xff => 1,
            _ => 2 + usize::from(u16::from_be_bytes([*high, *low])),
        };
    }
    false
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    // The sides are looked at below, where it can be said how large they are.
    limits.max_image_width = None;
    limits.max_image_height = None;
    limits
}

/// The pixels of an image, upright. Its size is looked at before any of it is unpacked: a file of a few kilobytes can
/// hold gigabytes of the same colour.
fn pixels(mut decoder: impl ImageDecoder) -> Result<DynamicImage, ImageRefused> {
    let (width, height) = decoder.dimensions();
    let is_large = u64::from(width) * u64::from(height) > MAX_PIXELS;
    if is_large || width.max(height) > MAX_SIDE {
        return Err(ImageRefused::TooManyPixels { width, height });
    }
    decoder.set_limits(limits()).map_err(damaged)?;
    // A camera that was held upright says so in EXIF, which goes.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn damaged(_: ImageError) -> ImageRefused {
    ImageRefused::Damaged
}

/// Eight bits a channel, and no alpha where everything is opaque.
fn flat(image: DynamicImage) -> DynamicImage {
    let has_alpha = image.color().has_alpha();
    let has_colour = image.color().has_color();
    if has_alpha {
        let image = image.into_rgba8();
        if image.pixels().any(|pixel| pixel.0[3] != u8::MAX) {
            return DynamicImage::ImageRgba8(image);
        }
        return DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(image).into_rgb8());
    }
    if has_colour {
        DynamicImage::ImageRgb8(image.into_rgb8())
    } else {
        DynamicImage::ImageLuma8(image.into_luma8())
    }
}

fn packed(image: &DynamicImage) -> ImageResult<(ImageFormat, Vec<u8>)> {
    let mut png = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive);
    image.write_with_encoder(encoder)?;
    if png.len() <= LARGE_PNG || image.color().has_alpha() {
        return Ok((ImageFormat::Png, png));
    }
    let mut jpeg = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY))?;
    if jpeg.len() < png.len() {
        Ok((ImageFormat::Jpeg, jpeg))
    } else {
        Ok((ImageFormat::Png, png))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_address_is_read_back_and_no_other_is_one() {
        let hash = "0123456789abcdef0123456789abcdef";
        for format in ImageFormat::ALL.iter().copied() {
            assert_eq!(parse_address(&address(hash, format)), Some((hash, format)));
        }
        for other in [
            "/images/x.png",
            "/images/0123456789ABCDEF0123456789ABCDEF.png",
            "/images/0123456789abcdef0123456789abcdef.svg",
            "/images/0123456789abcdef0123456789abcdef",
            "https://host.example/images/0123456789abcdef0123456789abcdef.png",
            "/images/../0123456789abcdef0123456789abcdef.png",
        ] {
            assert_eq!(parse_address(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_image_is_refused_whatever_it_is_called() {
        for file in [
            &b"<html><script>alert(1)</script>"[..],
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"GIF89a\x01\x00\x01\x00",
            b"%PDF-1.7",
            b"",
        ] {
            assert_eq!(make_anew(file).unwrap_err(), ImageRefused::Unknown);
        }
        for file in [
            &b"\x89PNG\r\n\x1a\n"[..],
            b"\xff\xd8\xff\xe0",
            b"RIFF\0\0\0\0WEBP",
        ] {
            assert_eq!(make_anew(file).unwrap_err(), ImageRefused::Damaged);
        }
    }
}
