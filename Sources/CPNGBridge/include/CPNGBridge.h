#ifndef FACET_CPNGBRIDGE_H
#define FACET_CPNGBRIDGE_H

// libpng reports errors by longjmp, which Swift code must not be crossed by. These calls keep every jump inside C, work on
// memory only, and give libpng's message back.

#include <stddef.h>
#include <stdint.h>

#define FACET_PNG_MESSAGE_SIZE 160

typedef enum {
  FACET_PNG_OK = 0,
  FACET_PNG_NOT_PNG,    // the signature is missing
  FACET_PNG_TRUNCATED,  // the bytes end early
  FACET_PNG_NO_MEMORY,
  FACET_PNG_INVALID,    // libpng refused it; message says why
} facet_png_status;

typedef struct {
  uint32_t width, height;
  uint8_t bit_depth;   // 1, 2, 4, 8, 16
  uint8_t color_type;  // as in the file: 0 gray, 2 RGB, 3 palette, 4 gray+alpha, 6 RGB+alpha
  uint8_t interlaced;
  uint8_t transparent;  // an alpha channel or a tRNS chunk
  char message[FACET_PNG_MESSAGE_SIZE];
} facet_png_info;

// Reads the chunks before the pixels and fills `info`.
facet_png_status facet_png_inspect(const uint8_t *bytes, size_t count, facet_png_info *info);

// Decodes to interleaved 8-bit RGB, composited on `background` where the image is transparent. `rgb` has room for
// 3 * width * height bytes of the size that facet_png_inspect gave; its content is undefined unless FACET_PNG_OK is returned.
facet_png_status facet_png_decode(
    const uint8_t *bytes, size_t count, const uint8_t background[3], uint8_t *rgb, facet_png_info *info);

// Encodes interleaved 8-bit RGB. On FACET_PNG_OK `*bytes` holds `*count` bytes that the caller frees with facet_png_free.
facet_png_status facet_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int compression, uint8_t **bytes, size_t *count,
    char message[FACET_PNG_MESSAGE_SIZE]);

void facet_png_free(uint8_t *memory);

#endif
