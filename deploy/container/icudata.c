// An empty package of ICU's data, little-endian; ICU finds no locale in it. See remove-icu-data.

#include <stdint.h>

struct package {
  uint16_t header_size;
  uint8_t magic[2];
  uint16_t info_size;
  uint16_t reserved;
  uint8_t is_big_endian;
  uint8_t character_set;
  uint8_t character_size;
  uint8_t reserved_byte;
  uint8_t format[4];
  uint8_t format_version[4];
  uint8_t data_version[4];
  uint8_t padding[8];
  uint32_t count;  // of the items in the table of contents
};

extern const struct package ICU_DATA;

const struct package ICU_DATA __attribute__((aligned(16))) = {
  .header_size = 32,
  .magic = {0xda, 0x27},
  .info_size = 20,
  .character_size = 2,
  .format = {'C', 'm', 'n', 'D'},
  .format_version = {1},
};
