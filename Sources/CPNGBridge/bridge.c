#include "CPNGBridge.h"
