#include "CPNGBridge.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// Everything that a jump must not lose lives here, behind a pointer, and not in locals that setjmp may clobber.
typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  facet_png_status status;
  char *message;
  uint8_t *rgb;   // where the result goes
  uint8_t *work;  // one row, or the whole image where it is interlaced
  uint8_t *output;
  size_t output_count, output_capacity;
} bridge_state;

static void fail(png_structp png, bridge_state *state, facet_png_status status, const char *message) {
  state->status = status;
  strncpy(state->message, message, FACET_PNG_MESSAGE_SIZE - 1);
  state->message[FACET_PNG_MESSAGE_SIZE - 1] = 0;
  longjmp(png_jmpbuf(png), 1);
}

static void on_error(png_structp png, png_const_charp message) {
  fail(png, png_get_error_ptr(png), FACET_PNG_INVALID, message ? message : "unknown error");
}

// Warnings are about chunks that do not change the pixels read here, or damage that libpng can repair.
static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void on_read(png_structp png, png_bytep destination, size_t count) {
  bridge_state *state = png_get_io_ptr(png);
  if (count > state->count - state->position) {
    fail(png, state, FACET_PNG_TRUNCATED, "the file ends early");
  }
  memcpy(destination, state->bytes + state->position, count);
  state->position += count;
}

static void on_write(png_structp png, png_bytep source, size_t count) {
  bridge_state *state = png_get_io_ptr(png);
  if (count > state->output_capacity - state->output_count) {
    size_t capacity = state->output_capacity * 2 + count;
    uint8_t *grown = realloc(state->output, capacity);
    if (!grown) fail(png, state, FACET_PNG_NO_MEMORY, "out of memory");
    state->output = grown;
    state->output_capacity = capacity;
  }
  memcpy(state->output + state->output_count, source, count);
  state->output_count += count;
}

static void on_flush(png_structp png) { (void)png; }

static void *allocate(png_structp png, bridge_state *state, size_t count) {
  void *memory = malloc(count ? count : 1);
  if (!memory) fail(png, state, FACET_PNG_NO_MEMORY, "out of memory");
  return memory;
}

static void read_header(png_structp png, png_infop head, bridge_state *state, facet_png_info *info) {
  png_set_read_fn(png, state, on_read);
  // The caller's limit on the number of pixels replaces libpng's limits on each side.
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_read_info(png, head);
  info->width = png_get_image_width(png, head);
  info->height = png_get_image_height(png, head);
  info->bit_depth = png_get_bit_depth(png, head);
  info->color_type = png_get_color_type(png, head);
  info->interlaced = png_get_interlace_type(png, head) != PNG_INTERLACE_NONE;
  info->transparent = (info->color_type & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, head, PNG_INFO_tRNS);
}

// Alpha is applied to the stored (gamma-encoded) values, as browsers and imaging libraries do.
static void composite(const uint8_t *rgba, uint8_t *rgb, size_t width, const uint8_t background[3]) {
  for (size_t x = 0; x < width; x++) {
    unsigned alpha = rgba[4 * x + 3];
    for (int c = 0; c < 3; c++) {
      rgb[3 * x + c] = (uint8_t)((rgba[4 * x + c] * alpha + background[c] * (255 - alpha) + 127) / 255);
    }
  }
}

static void read_pixels(
    png_structp png, png_infop head, bridge_state *state, const facet_png_info *info, const uint8_t background[3]) {
  size_t width = info->width, height = info->height;
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  if (info->transparent) png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, head);
  size_t channels = info->transparent ? 4 : 3;
  if (png_get_rowbytes(png, head) != width * channels) {
    fail(png, state, FACET_PNG_INVALID, "unexpected row size");
  }
  if (channels == 3) {
    for (int pass = 0; pass < passes; pass++) {
      for (size_t y = 0; y < height; y++) png_read_row(png, state->rgb + 3 * width * y, NULL);
    }
  } else {
    // An interlaced image passes over its rows several times, so all of them are kept.
    size_t kept = passes > 1 ? height : 1;
    state->work = allocate(png, state, 4 * width * kept);
    for (int pass = 0; pass < passes; pass++) {
      for (size_t y = 0; y < height; y++) {
        uint8_t *row = state->work + (passes > 1 ? 4 * width * y : 0);
        png_read_row(png, row, NULL);
        if (pass == passes - 1) composite(row, state->rgb + 3 * width * y, width, background);
      }
    }
  }
  // Checks that the file is whole to its last chunk.
  png_read_end(png, NULL);
}

// With `rgb` NULL it stops after the chunks before the pixels.
static facet_png_status decode(
    const uint8_t *bytes, size_t count, const uint8_t background[3], uint8_t *rgb, facet_png_info *info) {
  memset(info, 0, sizeof *info);
  if (count < 8 || png_sig_cmp(bytes, 0, 8)) return FACET_PNG_NOT_PNG;
  bridge_state *state = calloc(1, sizeof *state);
  png_infop *head = calloc(1, sizeof *head);
  png_structp *png = calloc(1, sizeof *png);
  facet_png_status status = FACET_PNG_NO_MEMORY;
  if (state && head && png) {
    state->bytes = bytes;
    state->count = count;
    state->message = info->message;
    state->rgb = rgb;
    *png = png_create_read_struct(PNG_LIBPNG_VER_STRING, state, on_error, on_warning);
    if (*png && (*head = png_create_info_struct(*png))) {
      if (!setjmp(png_jmpbuf(*png))) {
        read_header(*png, *head, state, info);
        if (rgb) read_pixels(*png, *head, state, info, background);
      }
      status = state->status;
    }
    if (*png) png_destroy_read_struct(png, head, NULL);
    free(state->work);
  }
  free(state);
  free(head);
  free(png);
  return status;
}

facet_png_status facet_png_inspect(const uint8_t *bytes, size_t count, facet_png_info *info) {
  return decode(bytes, count, NULL, NULL, info);
}

facet_png_status facet_png_decode(
    const uint8_t *bytes, size_t count, const uint8_t background[3], uint8_t *rgb, facet_png_info *info) {
  return decode(bytes, count, background, rgb, info);
}

static void write_image(
    png_structp png, png_infop head, bridge_state *state, const uint8_t *pixels, uint32_t width, uint32_t height,
    int compression) {
  png_set_write_fn(png, state, on_write, on_flush);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_compression_level(png, compression);
  png_set_IHDR(
      png, head, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
      PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, head);
  for (size_t y = 0; y < height; y++) png_write_row(png, pixels + 3 * (size_t)width * y);
  png_write_end(png, head);
}

facet_png_status facet_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int compression, uint8_t **bytes, size_t *count,
    char message[FACET_PNG_MESSAGE_SIZE]) {
  *bytes = NULL;
  *count = 0;
  message[0] = 0;
  bridge_state *state = calloc(1, sizeof *state);
  png_infop *head = calloc(1, sizeof *head);
  png_structp *png = calloc(1, sizeof *png);
  facet_png_status status = FACET_PNG_NO_MEMORY;
  if (state && head && png) {
    state->message = message;
    *png = png_create_write_struct(PNG_LIBPNG_VER_STRING, state, on_error, on_warning);
    if (*png && (*head = png_create_info_struct(*png))) {
      if (!setjmp(png_jmpbuf(*png))) write_image(*png, *head, state, pixels, width, height, compression);
      status = state->status;
    }
    if (*png) png_destroy_write_struct(png, head);
  }
  if (state && status == FACET_PNG_OK) {
    *bytes = state->output;
    *count = state->output_count;
  } else if (state) {
    free(state->output);
  }
  free(state);
  free(head);
  free(png);
  return status;
}

void facet_png_free(uint8_t *memory) { free(memory); }
