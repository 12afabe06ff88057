"""Makes images such as people bring, by a second implementation (Pillow): a JSON object of names and base64."""

import base64
import io
import json
import struct
import zlib

from PIL import Image, ImageCms, PngImagePlugin

SECRET = b"ZAC5361 Hine Sample"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def two_halves(width, height, left, right):
    image = Image.new("RGB", (width, height), right)
    image.paste(left, (0, 0, width // 2, height))
    return image


def exif(orientation):
    tags = Image.Exif()
    tags[0x010E] = SECRET.decode()
    tags[0x010F] = "Sample camera"
    tags[0x0112] = orientation
    tags[0x0132] = "2026:11:23 10:00:00"
    tags[0x8825] = {1: "S", 2: (36.0, 52.0, 40.0), 3: "E", 4: (174.0, 46.0, 30.0)}
    return tags.tobytes()


def photograph(width, height):
    """As many colours as a photograph has: as a PNG it is large."""
    red = Image.linear_gradient("L").resize((width, height))
    green = Image.effect_noise((width, height), 60)
    blue = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (red, green, blue))


def bomb():
    """A PNG of 30,000 by 30,000 pixels in some 100 kB."""
    side = 30_000
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = zlib.compress(bytes((1 + (side + 7) // 8) * side), 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


text = PngImagePlugin.PngInfo()
text.add_text("Comment", SECRET.decode())
text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>" + SECRET.decode() + "</x:xmpmeta>")

red_left = two_halves(80, 40, "red", "blue")
camera = saved(red_left, "JPEG", quality=95, exif=exif(6), icc_profile=PROFILE, comment=SECRET)
see_through = Image.new("RGBA", (60, 30), (0, 128, 0, 100))
frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
large = photograph(2400, 1200)
files = {
    "camera.jpg": camera + SECRET,
    "truncated.jpg": saved(photograph(400, 300), "JPEG")[:9000],
    "cmyk.jpg": saved(red_left.convert("CMYK"), "JPEG", quality=95),
    "grey.jpg": saved(red_left.convert("L"), "JPEG"),
    "drawing.png": saved(see_through, "PNG", pnginfo=text, exif=exif(1), icc_profile=PROFILE) + SECRET,
    "palette.png": saved(red_left.quantize(8), "PNG"),
    "deep.png": saved(Image.new("I;16", (30, 20), 40_000), "PNG"),
    "large.png": saved(large, "PNG", compress_level=1),
    "truncated.png": saved(photograph(100, 100), "PNG")[:2000],
    "bomb.png": bomb(),
    "moving.png": saved(frames[0], "PNG", save_all=True, append_images=frames[1:]),
    "photograph.webp": saved(photograph(300, 200), "WEBP", exif=exif(1), icc_profile=PROFILE),
    "moving.webp": saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
    "moving.gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
}
print(json.dumps({name: base64.b64encode(file).decode() for name, file in files.items()}))
